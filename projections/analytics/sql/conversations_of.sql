SELECT visitor, conversation FROM fact_1
WHERE tenant = $1 AND visitor = ANY ($2::text[]) AND begun <= $3
