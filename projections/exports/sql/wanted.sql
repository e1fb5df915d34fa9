    s.tenant = $1
    AND ($4::timestamptz IS NULL OR s.started_at >= $4)
    AND ($5::timestamptz IS NULL OR s.started_at < $5)
    -- What changed since the position may have been otherwise there; that shows in its events.
    AND (s."position" > $3 OR (
        ($6::text IS NULL OR s.status = $6)
        AND ($7::text IS NULL OR s.department = $7)
        AND ($8::bytea IS NULL OR EXISTS (
            SELECT FROM session_tag_2 AS t
            WHERE t.tenant = $1 AND t.tag = $8 AND t.conversation = s.id
        ))
    ))
