-- The newest lines before a place, with the position that they reflect: both of one snapshot.
-- $4 asks for what somebody did, and for what was done or tried as this agent: each has its index.
SELECT
    c."position" AS as_of, c.mark AS as_of_mark, a.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    (
        SELECT position, at, kind, type, role, actor, stream, cause, label
        FROM audit_1
        WHERE
            tenant = $1
            AND ($4::text IS NULL OR actor = $4)
            AND ($3::text IS NULL OR kind = $3)
            AND ($5::timestamptz IS NULL OR at >= $5)
            AND ($6::timestamptz IS NULL OR at < $6)
            AND ($7::bigint IS NULL OR position < $7)
        ORDER BY position DESC
        LIMIT $8
    )
    UNION
    (
        SELECT position, at, kind, type, role, actor, stream, cause, label
        FROM audit_1
        WHERE
            $4::text IS NOT NULL AND tenant = $1
            AND stream = 'agent-' || $4
            AND ($3::text IS NULL OR kind = $3)
            AND ($5::timestamptz IS NULL OR at >= $5)
            AND ($6::timestamptz IS NULL OR at < $6)
            AND ($7::bigint IS NULL OR position < $7)
        ORDER BY position DESC
        LIMIT $8
    )
    ORDER BY position DESC
    LIMIT $8
) AS a ON true
ORDER BY a.position DESC
