SELECT id, format, types, active FROM webhook_1 WHERE tenant = $1 ORDER BY id
