-- Compare and set: whoever comes second, over whichever checkpoint, adds nothing.
INSERT INTO work.webhook_followed AS f (tenant, "position") VALUES ($1, $2)
ON CONFLICT (tenant) DO UPDATE SET "position" = excluded."position" WHERE f."position" = $3
RETURNING true
