-- A line that somebody works on keeps its lease; another one is due now.
INSERT INTO work.webhook_line AS l (tenant, webhook, stream, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, webhook, stream) DO UPDATE
SET due_at = CASE WHEN l.lease IS NULL THEN least(l.due_at, excluded.due_at) ELSE l.due_at END
