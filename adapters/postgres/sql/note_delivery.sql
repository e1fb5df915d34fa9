UPDATE work.webhook_delivery SET
    state = $4, attempts = $5, first_at = $6, last_at = $7, status = $8, error = $9, settled_at = $10
WHERE tenant = $1 AND webhook = $2 AND "position" = $3
