-- The first position at or after a time, one beyond the head where there is none: times never go
-- back within a log, so halving finds it.
WITH RECURSIVE halves (low, high) AS (
    SELECT
        1::bigint,
        coalesce((SELECT max(e."position") FROM es.event AS e WHERE e.tenant = $1), 0) + 1
    UNION ALL
    SELECT
        CASE WHEN e.recorded_at < $2 THEN m.place + 1 ELSE h.low END,
        CASE WHEN e.recorded_at < $2 THEN h.high ELSE m.place END
    FROM halves AS h
    CROSS JOIN LATERAL (SELECT (h.low + h.high) / 2 AS place) AS m
    CROSS JOIN LATERAL (
        SELECT o.recorded_at FROM es.event AS o WHERE o.tenant = $1 AND o."position" = m.place
    ) AS e
    WHERE h.low < h.high
)
SELECT max(low) AS "position" FROM halves
