-- The next conversations by id, those of them that may be wanted, and how far the views are: of one
-- snapshot, since they come of one statement. An id never changes, so nothing moves while the pages
-- are turned; a page has a bounded cost, however few are wanted.
WITH page AS MATERIALIZED (
    SELECT * FROM session_2
    WHERE tenant = $1 AND id > $9::text
    ORDER BY id
    LIMIT $10
)
SELECT coalesce(c."position", 0) AS as_of, (SELECT max(id) FROM page) AS upto, s.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    SELECT s.id, s.visitor, s.version
    FROM page AS s
    WHERE
    {wanted}
) AS s ON true
ORDER BY s.id
