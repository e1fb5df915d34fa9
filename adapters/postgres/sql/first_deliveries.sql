-- The first waiting delivery of each line.
SELECT d.* FROM unnest($1::uuid[], $2::text[], $3::text[]) AS l (tenant, webhook, stream)
CROSS JOIN LATERAL (
    SELECT
        tenant, webhook, stream, "position", event_id, type, since, state, attempts, first_at,
        last_at, status, error, settled_at
    FROM work.webhook_delivery
    WHERE tenant = l.tenant AND webhook = l.webhook AND stream = l.stream AND state = 'waiting'
    ORDER BY "position" LIMIT 1
) AS d
