-- The last visit of each of these visitors, and all of those who are erased.
SELECT f.*
FROM unnest($2::text[]) AS v (visitor)
CROSS JOIN LATERAL (
    SELECT * FROM visit_2
    WHERE tenant = $1 AND visitor = v.visitor
    ORDER BY begun DESC
    LIMIT 1
) AS f
WHERE NOT v.visitor = ANY ($3::text[])
UNION ALL
SELECT f.* FROM visit_2 AS f WHERE f.tenant = $1 AND f.visitor = ANY ($3::text[])
