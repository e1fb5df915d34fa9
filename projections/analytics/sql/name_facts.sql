SELECT * FROM fact_1 WHERE tenant = $1 AND conversation = ANY ($2::text[])
