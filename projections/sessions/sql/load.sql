SELECT
    id, visitor, status, assignee, department, started_at, last_at, version, mark, position,
    last_message_version, last_visitor_version, visitor_read, reads::text AS reads, rating,
    channel, invited, queued_at, served_at, unanswered_at, unreminded_at, unreminded_version, missed,
    label
FROM session_2
WHERE tenant = $1 AND (id = ANY ($2::text[]) OR visitor = ANY ($3::text[]))
