-- How far the session views are, and when that was. No row: they never began.
SELECT c."position", c.mark, es.micros(e.recorded_at) AS at
FROM es.checkpoint AS c
INNER JOIN es.event AS e ON e.tenant = c.tenant AND e."position" = c."position"
WHERE c.projection = $2 AND c.tenant = $1
