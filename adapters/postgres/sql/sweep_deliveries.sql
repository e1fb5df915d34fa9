WITH over AS (
    SELECT tenant, webhook, "position" FROM work.webhook_delivery
    WHERE state = 'delivered' AND settled_at < $1
    UNION ALL
    SELECT tenant, webhook, "position" FROM work.webhook_delivery
    WHERE state = 'dead' AND settled_at < $2
    LIMIT $3
)
DELETE FROM work.webhook_delivery AS d USING over AS o
WHERE d.tenant = o.tenant AND d.webhook = o.webhook AND d."position" = o."position"
    AND d.state <> 'waiting'
RETURNING true
