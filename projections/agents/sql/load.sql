SELECT id, active, since, label FROM agent_2
WHERE tenant = $1 AND id = ANY ($2::text[])
