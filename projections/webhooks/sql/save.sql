INSERT INTO rm.webhook_1 (tenant, id, format, types, active) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, id) DO UPDATE SET
    format = excluded.format,
    types = excluded.types,
    active = excluded.active
