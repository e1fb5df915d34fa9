-- An agent's time between two moments, with the position that it reflects: both of one snapshot.
SELECT
    c."position" AS as_of, c.mark AS as_of_mark, t.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    (
        SELECT
            'ended' AS kind, from_at, to_at, label,
            0::bigint AS messages, 0::bigint AS conversations
        FROM agent_status_4
        WHERE tenant = $1 AND agent = $3 AND from_at < $5 AND to_at > $4
        ORDER BY from_at LIMIT $6
    )
    UNION ALL
    SELECT 'now', since, NULL, label, 0, 0
    FROM agent_4
    WHERE tenant = $1 AND id = $3 AND since < $5
    UNION ALL
    SELECT 'work', quarter, NULL, NULL, messages, conversations
    FROM agent_work_4
    WHERE tenant = $1 AND agent = $3 AND quarter >= $4 AND quarter < $5
) AS t ON true
ORDER BY t.from_at
