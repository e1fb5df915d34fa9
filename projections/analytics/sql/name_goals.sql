SELECT * FROM goal_reached_1 WHERE tenant = $1 AND reached_at = ANY ($2::timestamptz[])
