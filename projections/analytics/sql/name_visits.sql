SELECT * FROM visit_1 WHERE tenant = $1 AND started_at = ANY ($2::timestamptz[])
