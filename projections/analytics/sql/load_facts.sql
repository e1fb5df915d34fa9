-- Conversations by name, and the one that each of these visitors began last.
SELECT f.* FROM fact_2 AS f WHERE f.tenant = $1 AND f.conversation = ANY ($2::text[])
UNION ALL
SELECT f.*
FROM unnest($3::text[]) AS v (visitor)
CROSS JOIN LATERAL (
    SELECT * FROM fact_2
    WHERE tenant = $1 AND visitor = v.visitor
    ORDER BY begun DESC
    LIMIT 1
) AS f
WHERE NOT f.conversation = ANY ($2::text[])
