UPDATE work.webhook_delivery SET
    state = 'waiting', since = $4, attempts = 0, first_at = NULL, last_at = NULL, status = NULL,
    error = NULL, settled_at = NULL
WHERE tenant = $1 AND webhook = $2 AND "position" = ANY ($3::bigint[]) AND state <> 'waiting'
RETURNING stream
