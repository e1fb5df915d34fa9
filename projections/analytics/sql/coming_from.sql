SELECT f.conversation
FROM unnest($2::text[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT o.conversation, o.source FROM fact_2 AS o WHERE o.tenant = $1 AND o.conversation = c.id
) AS f
WHERE f.source = $3::bigint
