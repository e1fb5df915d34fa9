SELECT * FROM goal_reached_2 WHERE tenant = $1 AND reached_at = ANY ($2::timestamptz[])
