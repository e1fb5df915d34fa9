UPDATE work.webhook_line SET due_at = $5, lease = NULL
WHERE tenant = $1 AND webhook = $2 AND stream = $3 AND lease = $4
RETURNING true
