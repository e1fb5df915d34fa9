-- Lock a line that is still leased, and move its time; no row: the lease was lost.
UPDATE work.webhook_line SET due_at = $5
WHERE tenant = $1 AND webhook = $2 AND stream = $3 AND lease = $4
RETURNING true
