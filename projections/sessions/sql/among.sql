-- Which of these conversations are placed like this now, and may be read by an agent.
SELECT s.id
FROM unnest($2::text[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT o.id, o.assignee, o.department FROM session_2 AS o WHERE o.tenant = $1 AND o.id = c.id
) AS s
WHERE
    ($3::text IS NULL OR s.assignee = $3 OR ($3 = 'none' AND s.assignee IS NULL))
    AND ($4::text IS NULL OR s.department = $4)
    AND ($5::bytea IS NULL OR EXISTS (
        SELECT FROM session_tag_2 AS t
        WHERE t.tenant = $1 AND t.tag = $5 AND t.conversation = s.id
    ))
    -- domain.access.Rights.may_read; NULL: not limited
    AND ($6::text IS NULL OR s.assignee = $6 OR s.department = ANY ($7::text[]))
