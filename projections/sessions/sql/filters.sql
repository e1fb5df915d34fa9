    s.tenant = $1
    AND ($3::text IS NULL OR s.status = $3)
    AND ($4::text IS NULL OR s.assignee = $4 OR ($4 = 'none' AND s.assignee IS NULL))
    AND ($5::text IS NULL OR s.department = $5)
    AND ($6::bytea IS NULL OR EXISTS (
        SELECT FROM session_tag_2 AS t
        WHERE t.tenant = $1 AND t.tag = $6 AND t.conversation = s.id
    ))
    -- domain.access.Rights.may_read; NULL: not limited
    AND ($7::text IS NULL OR s.assignee = $7 OR s.department = ANY ($8::text[]))
    AND ($9::text IS NULL OR s.visitor = $9)
    AND ($10::boolean IS NULL OR (s.queued_at IS NOT NULL) = $10)
    AND ($11::boolean IS NULL OR (s.missed IS NOT NULL) = $11)
