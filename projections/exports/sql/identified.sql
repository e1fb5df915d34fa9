-- By which events these visitors were identified up to a position: once each, if at all.
SELECT
    e."position", e.stream, e.version, e.decided, e.type, e.schema_version, e.event_id, e.actor_role,
    e.actor_id, e.key_id, e.metadata, es.micros(e.recorded_at) AS recorded_at, e.data, e.hash
FROM session_user_2 AS u
CROSS JOIN LATERAL (
    SELECT * FROM es.event AS o
    WHERE
        o.tenant = $1 AND o.stream = 'visitor-' || u.visitor AND o.type = 'visitor.identified'
        AND o."position" <= $3
    ORDER BY o.version
    LIMIT 1
) AS e
WHERE u.tenant = $1 AND u.visitor = ANY ($2::text[])
