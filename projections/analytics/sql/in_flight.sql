-- Facts and visits that were begun by a position and changed after it.
SELECT 'fact' AS kind, visitor, conversation AS name
FROM fact_2 WHERE tenant = $1 AND begun <= $2 AND position > $2
UNION ALL
SELECT 'visit' AS kind, visitor, begun::text AS name
FROM visit_2 WHERE tenant = $1 AND begun <= $2 AND position > $2
LIMIT $3
