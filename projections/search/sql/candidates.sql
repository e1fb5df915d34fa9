-- The rows that may name messages below a position, windows downwards from there, and up to which
-- position the index, and what is asked about what it names, have come: all of one snapshot. $3 is
-- the position, $4 how many windows, $5 which buckets of each. One row at least.
-- Of the recent list the newest $7 bytes are read; where that is not all of it nothing else is, and
-- ``recent_from`` says how far down it was.
WITH sized AS MATERIALIZED (
    SELECT
        r."position", octet_length(r.messages) AS size,
        sum(octet_length(r.messages)) OVER (ORDER BY r."position" DESC) AS sum
    FROM search_recent_1 AS r
    WHERE r.tenant = $1 AND r."position" < $3
),

lately AS MATERIALIZED (
    SELECT min(s."position") AS first
    FROM sized AS s
    WHERE s.sum - s.size < $7
    HAVING min(s."position") > (SELECT min(o."position") FROM sized AS o)
)

SELECT
    c."position" AS as_of, c.mark AS as_of_mark, l.first AS recent_from,
    f.log_window, f.bucket, f.raw
FROM (
    SELECT o."position", o.mark
    FROM unnest($2::text[]) AS n (projection)
    LEFT JOIN es.checkpoint AS o ON o.projection = n.projection AND o.tenant = $1
    ORDER BY o."position" NULLS FIRST
    LIMIT 1
) AS c
LEFT JOIN lately AS l ON true
LEFT JOIN LATERAL (
    SELECT
        NULL::integer AS log_window, NULL::integer AS bucket,
        string_agg(r.messages, '' ORDER BY r."position") AS raw
    FROM search_recent_1 AS r
    WHERE r.tenant = $1 AND r."position" < $3 AND r."position" >= coalesce(l.first, 0)
    UNION ALL
    SELECT p.log_window, p.bucket, p.postings
    FROM (SELECT (least($3 - 1, coalesce(c."position", 0)) / $6::bigint)::integer AS newest) AS t
    CROSS JOIN LATERAL generate_series(greatest(t.newest - $4 + 1, 0), t.newest) AS w (number)
    CROSS JOIN unnest($5::integer[]) AS b (number)
    CROSS JOIN LATERAL (
        SELECT o.log_window, o.bucket, o.postings FROM search_posting_1 AS o
        WHERE o.tenant = $1 AND o.log_window = w.number AND o.bucket = b.number
    ) AS p
    WHERE l.first IS NULL
) AS f ON f.raw IS NOT NULL
