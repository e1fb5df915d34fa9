-- The pages that a visitor saw last before a place, with the position that they reflect.
SELECT
    c."position" AS as_of, c.mark AS as_of_mark, p.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    SELECT
        position AS page_position, at AS page_at, visit AS page_visit, label AS page_label
    FROM visitor_page_2
    WHERE tenant = $1 AND visitor = $3 AND ($4::bigint IS NULL OR position < $4)
    ORDER BY position DESC
    LIMIT $5
) AS p ON true
ORDER BY p.page_position DESC
