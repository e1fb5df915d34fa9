-- By which events these visitors got their names up to a position, in order.
SELECT
    e."position", e.stream, e.version, e.decided, e.type, e.schema_version, e.event_id, e.actor_role,
    e.actor_id, e.key_id, e.metadata, es.micros(e.recorded_at) AS recorded_at, e.data, e.hash
FROM session_user_2 AS u
CROSS JOIN LATERAL (
    SELECT * FROM es.event AS o
    WHERE
        o.tenant = $1 AND o.stream = 'visitor-' || u.visitor
        AND o.type = ANY (ARRAY['visitor.identified', 'visitor.introduced'])
        AND o."position" <= $3
) AS e
WHERE u.tenant = $1 AND u.visitor = ANY ($2::text[])
ORDER BY e."position"
