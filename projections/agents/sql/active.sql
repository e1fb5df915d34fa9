-- Those who may sign in, or one of them, each with how many open conversations it serves.
SELECT
    a.id, a.active, a.since, a.given_at, a.label,
    (
        SELECT count(*) FROM agent_serving_4 AS s WHERE s.tenant = $1 AND s.agent = a.id
    ) AS load
FROM agent_4 AS a
WHERE a.tenant = $1 AND a.active AND ($2::text IS NULL OR a.id = $2)
ORDER BY a.id
