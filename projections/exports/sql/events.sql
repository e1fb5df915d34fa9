-- The events of some streams up to a position, stream by stream. Their data is a limit in all, and
-- what exceeds it at most: a caller that gets so much knows that there may be more.
SELECT
    n."position", n.stream, n.version, n.decided, n.type, n.schema_version, n.event_id, n.actor_role,
    n.actor_id, n.key_id, n.metadata, es.micros(n.recorded_at) AS recorded_at, n.data, n.hash
FROM (
    SELECT
        e.*, s.n,
        sum(octet_length(e.data)) OVER (
            ORDER BY s.n, e.version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM unnest($2::text[]) WITH ORDINALITY AS s (stream, n)
    CROSS JOIN LATERAL (
        SELECT * FROM es.event AS o
        WHERE o.tenant = $1 AND o.stream = s.stream AND o."position" <= $3
        ORDER BY o.version
    ) AS e
) AS n
WHERE n.before IS NULL OR n.before < $4
ORDER BY n.n, n.version
