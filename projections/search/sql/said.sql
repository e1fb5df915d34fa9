-- Where in the log these streams have what is searched.
SELECT e.position
FROM unnest($2::text[]) AS s (stream)
CROSS JOIN LATERAL (
    SELECT o.position FROM es.event AS o
    WHERE o.tenant = $1 AND o.stream = s.stream AND o.type = ANY ($3::text[])
) AS e
