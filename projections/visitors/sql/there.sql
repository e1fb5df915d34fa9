-- Some visitors by when their visit began, the last first, with the position that they reflect. One
-- row at least.
SELECT
    c."position" AS as_of, c.mark AS as_of_mark, v.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    SELECT v.id, coalesce(v.visit_at, v.last_at) AS since
    FROM unnest($3::text[]) AS asked (id)
    JOIN visitor_2 AS v ON v.tenant = $1 AND v.id = asked.id
) AS v ON true
ORDER BY v.since DESC, v.id DESC
