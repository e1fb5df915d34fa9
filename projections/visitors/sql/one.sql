-- A visitor and the page that it saw last, with the position that they reflect: of one snapshot.
SELECT
    c."position" AS as_of, c.mark AS as_of_mark, v.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = $2 AND c.tenant = $1
LEFT JOIN LATERAL (
    SELECT
        v.id, v.first_at, v.last_at, v.visits, v.pages, v.conversations, v.erased, v.viewed_at,
        v.visit_at,
        l.label,
        p.position AS page_position, p.at AS page_at, p.visit AS page_visit, p.label AS page_label
    FROM visitor_2 AS v
    LEFT JOIN visitor_label_2 AS l ON l.tenant = $1 AND l.id = v.id
    LEFT JOIN LATERAL (
        SELECT position, at, visit, label FROM visitor_page_2
        WHERE tenant = $1 AND visitor = v.id
        ORDER BY position DESC
        LIMIT 1
    ) AS p ON true
    WHERE v.tenant = $1 AND v.id = $3
) AS v ON true
