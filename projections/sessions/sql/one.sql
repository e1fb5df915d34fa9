SELECT
    c."position" AS as_of, c.mark AS as_of_mark, s.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    SELECT
        id, visitor, status, assignee, department, started_at, last_at, version, mark, position,
        last_message_version, last_visitor_version, visitor_read, reads::text AS reads, rating,
        channel, invited, queued_at, served_at, unanswered_at, unreminded_at, unreminded_version, missed,
        label
    FROM session_2
    WHERE tenant = $1 AND id = $3
) AS s ON true
