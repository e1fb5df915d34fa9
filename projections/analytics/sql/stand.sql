SELECT
    c."position" AS as_of, c.mark AS as_of_mark,
    coalesce((SELECT max("position") FROM es.event WHERE tenant = $2), 0) AS head
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $1 AND c.tenant = $2
