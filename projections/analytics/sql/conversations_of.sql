SELECT visitor, conversation FROM fact_2
WHERE tenant = $1 AND visitor = ANY ($2::text[]) AND begun <= $3
