SELECT v.*
FROM unnest($2::text[], $3::bigint[]) AS named (visitor, begun)
JOIN visit_1 AS v ON v.tenant = $1 AND v.visitor = named.visitor AND v.begun = named.begun
