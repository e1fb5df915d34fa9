SELECT * FROM fact_1 WHERE tenant = $1 AND position = ANY ($2::bigint[])
