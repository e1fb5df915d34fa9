-- Some visitors, each with the page that it saw last.
SELECT
    v.id, v.first_at, v.last_at, v.visits, v.pages, v.conversations, v.erased, v.viewed_at,
    v.visit_at,
    l.label,
    p.position AS page_position, p.at AS page_at, p.visit AS page_visit, p.label AS page_label
FROM unnest($2::text[]) AS asked (id)
JOIN visitor_2 AS v ON v.tenant = $1 AND v.id = asked.id
LEFT JOIN visitor_label_2 AS l ON l.tenant = $1 AND l.id = v.id
LEFT JOIN LATERAL (
    SELECT position, at, visit, label FROM visitor_page_2
    WHERE tenant = $1 AND visitor = v.id
    ORDER BY position DESC
    LIMIT 1
) AS p ON true
