-- Take lines that are due: of every webhook its oldest, as many as it may have less those in work ($6,
-- $7, $8), so that no webhook's backlog keeps another waiting. The recursion hops from webhook to
-- webhook over the index, however many lines each has.
WITH RECURSIVE hook AS (
    (
        SELECT tenant, webhook FROM work.webhook_line
        ORDER BY tenant, webhook LIMIT 1
    )
    UNION ALL
    SELECT following.* FROM hook
    CROSS JOIN LATERAL (
        SELECT l.tenant, l.webhook FROM work.webhook_line AS l
        WHERE (l.tenant, l.webhook) > (hook.tenant, hook.webhook)
        ORDER BY l.tenant, l.webhook LIMIT 1
    ) AS following
),
free AS (
    SELECT h.tenant, h.webhook, $5::integer - coalesce(b.used, 0) AS lines
    FROM hook AS h
    LEFT JOIN unnest($6::uuid[], $7::text[], $8::integer[]) AS b (tenant, webhook, used)
    ON b.tenant = h.tenant AND b.webhook = h.webhook
),
chosen AS (
    SELECT due.* FROM free
    CROSS JOIN LATERAL (
        SELECT l.tenant, l.webhook, l.stream, l.due_at FROM work.webhook_line AS l
        WHERE l.tenant = free.tenant AND l.webhook = free.webhook AND l.due_at <= $1
        ORDER BY l.due_at LIMIT greatest(free.lines, 0)
        FOR UPDATE SKIP LOCKED
    ) AS due
    ORDER BY due.due_at LIMIT $4
)
UPDATE work.webhook_line AS l SET due_at = $2, lease = $3
FROM chosen AS c
WHERE l.tenant = c.tenant AND l.webhook = c.webhook AND l.stream = c.stream AND l.due_at <= $1
RETURNING l.tenant, l.webhook, l.stream
