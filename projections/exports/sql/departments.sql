-- The departments that conversations have, each found by one step over the index.
WITH RECURSIVE used AS (
    (SELECT department FROM session_2 WHERE tenant = $1 ORDER BY department LIMIT 1)
    UNION ALL
    SELECT (
        SELECT s.department FROM session_2 AS s
        WHERE s.tenant = $1 AND s.department > used.department
        ORDER BY s.department LIMIT 1
    )
    FROM used
    WHERE used.department IS NOT NULL
)
SELECT department FROM used WHERE department IS NOT NULL
