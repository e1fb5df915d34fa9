-- Every projection that has a checkpoint in any log, and how it is there. The owner asks, who sees all
-- tenants; $1: identifiers that are to be there for every log, begun or not.
WITH heads AS (
    SELECT l.id, l.tenant, coalesce((
        SELECT e.position FROM es.event AS e WHERE e.tenant = l.id ORDER BY e.position DESC LIMIT 1
    ), 0) AS head
    FROM es.log AS l
),
named AS (
    SELECT k.projection AS identifier, k.tenant AS log, k.position FROM es.checkpoint AS k
    WHERE k.projection <> 'relay'
    UNION
    SELECT i.identifier, h.id, 0 FROM unnest($1::text[]) AS i (identifier), heads AS h
    WHERE NOT EXISTS (
        SELECT FROM es.checkpoint AS k WHERE k.projection = i.identifier AND k.tenant = h.id
    )
)
SELECT
    n.identifier, h.tenant, n.position, h.head,
    CASE WHEN n.position < h.head THEN greatest(0, extract(epoch FROM now() - (
        SELECT e.recorded_at FROM es.event AS e
        WHERE e.tenant = n.log AND e.position = n.position + 1
    )))::double precision ELSE 0 END AS lag_s,
    t.state, t.reason,
    (
        SELECT count(*) FROM rm.parked AS p WHERE p.projection = n.identifier AND p.tenant = n.log
    ) AS parked
FROM named AS n
JOIN heads AS h ON h.id = n.log
LEFT JOIN rm.trouble AS t ON t.projection = n.identifier AND t.tenant = n.log
ORDER BY n.identifier, h.tenant
