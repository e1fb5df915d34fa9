-- Those who may sign in, with the position that they reflect: both of one snapshot.
SELECT
    c."position" AS as_of, a.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    SELECT id, active, since, given_at, label FROM agent_4 WHERE tenant = $1 AND active
) AS a ON true
