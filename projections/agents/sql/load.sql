SELECT id, role, status, departments, active, label FROM rm.agent_1
WHERE tenant = $1 AND id = ANY ($2::text[])
