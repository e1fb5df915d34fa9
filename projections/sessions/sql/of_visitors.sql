-- The last conversation of each of these visitors.
SELECT s.*
FROM unnest($2::text[]) AS v (id)
CROSS JOIN LATERAL (
    SELECT o.visitor, o.id, o.status, o.assignee, o.department
    FROM session_2 AS o
    WHERE o.tenant = $1 AND o.visitor = v.id
    ORDER BY o.started_at DESC, o.id DESC
    LIMIT 1
) AS s
