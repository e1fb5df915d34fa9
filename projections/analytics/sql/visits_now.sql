-- The visits that began since the earlier of two moments, by quarters of an hour (whose beginnings are
-- those of hours in every zone): those since $2, and those since $3.
SELECT
    date_bin('15 minutes', started_at, $2) AS quarter,
    count(*) FILTER (WHERE started_at >= $2) AS today,
    count(*) FILTER (WHERE started_at >= $3) AS last_hour
FROM visit_2
WHERE tenant = $1 AND started_at >= least($2::timestamptz, $3::timestamptz)
GROUP BY 1
