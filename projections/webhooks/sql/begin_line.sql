-- The row is written even where it is there already: whoever settles what waits there comes after.
INSERT INTO work.webhook_line AS l (tenant, webhook, stream, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, webhook, stream) DO UPDATE SET due_at = l.due_at
