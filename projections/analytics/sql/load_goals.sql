SELECT * FROM goal_reached_1 WHERE tenant = $1 AND visitor = ANY ($2::text[])
