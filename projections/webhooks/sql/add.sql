INSERT INTO work.webhook_delivery (tenant, webhook, "position", stream, event_id, type, since)
VALUES ($1, $2, $3, $4, $5, $6, $7)
