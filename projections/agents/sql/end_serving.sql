DELETE FROM agent_serving_4 WHERE tenant = $1 AND conversation = ANY ($2::text[])
