-- How far a projection is, and how far the log.
SELECT
    c."position" AS as_of, c.mark AS as_of_mark,
    coalesce((SELECT max("position") FROM es.event WHERE tenant = $1), 0) AS head
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
