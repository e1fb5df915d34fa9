-- What stands in clear about these events, of one kind of sender (NULL: of any).
SELECT e."position", e.stream
FROM unnest($2::bigint[]) AS p (number)
CROSS JOIN LATERAL (
    SELECT o."position", o.stream, o.actor_role FROM es.event AS o
    WHERE o.tenant = $1 AND o."position" = p.number
) AS e
WHERE $3::text IS NULL OR e.actor_role = $3
ORDER BY e."position" DESC
