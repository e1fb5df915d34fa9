SELECT id, active, since, given_at, label FROM agent_4
WHERE tenant = $1 AND id = ANY ($2::text[])
