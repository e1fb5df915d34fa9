INSERT INTO rm.agent_1 (tenant, id, role, status, departments, active, label)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant, id) DO UPDATE SET
    role = excluded.role,
    status = excluded.status,
    departments = excluded.departments,
    active = excluded.active,
    label = excluded.label
