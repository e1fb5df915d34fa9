INSERT INTO rm.session_1 (
    tenant, id, visitor, status, assignee, department, started_at, last_at, version, mark, position,
    last_message_version, last_visitor_version, visitor_read, reads, rating, label
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::jsonb, $16, $17
)
ON CONFLICT (tenant, id) DO UPDATE SET
    status = excluded.status,
    assignee = excluded.assignee,
    department = excluded.department,
    last_at = excluded.last_at,
    version = excluded.version,
    mark = excluded.mark,
    position = excluded.position,
    last_message_version = excluded.last_message_version,
    last_visitor_version = excluded.last_visitor_version,
    visitor_read = excluded.visitor_read,
    reads = excluded.reads,
    rating = excluded.rating,
    label = excluded.label
