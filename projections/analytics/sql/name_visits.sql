SELECT * FROM visit_2 WHERE tenant = $1 AND started_at = ANY ($2::timestamptz[])
