SELECT id, format, types, active FROM rm.webhook_1 WHERE tenant = $1 ORDER BY id
