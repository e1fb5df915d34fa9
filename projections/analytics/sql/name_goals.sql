SELECT g.*
FROM unnest($2::text[], $3::bigint[]) AS named (visitor, position)
JOIN goal_reached_1 AS g
    ON g.tenant = $1 AND g.visitor = named.visitor AND g.position = named.position
