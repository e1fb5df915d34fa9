UPDATE work.webhook_line SET due_at = $5, lease = $6
WHERE tenant = $1 AND webhook = $2 AND stream = $3 AND due_at <= $4
RETURNING tenant, webhook, stream
