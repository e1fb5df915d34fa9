SELECT f.*
FROM unnest($2::text[], $3::bigint[]) AS v (visitor, begun)
CROSS JOIN LATERAL (
    SELECT * FROM visit_1 WHERE tenant = $1 AND visitor = v.visitor AND begun = v.begun
) AS f
