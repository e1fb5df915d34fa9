SELECT
    tenant, webhook, stream, "position", event_id, type, since, state, attempts, first_at,
    last_at, status, error, settled_at
FROM work.webhook_delivery
WHERE
    tenant = $1
    AND ($2::text IS NULL OR webhook = $2)
    AND ($3::text IS NULL OR stream = $3)
    AND ($4::text IS NULL OR state = $4)
    AND ($5::uuid IS NULL OR event_id = $5)
    AND ($6::bigint IS NULL OR "position" < $6)
ORDER BY "position" DESC
FETCH FIRST $7 ROWS WITH TIES
