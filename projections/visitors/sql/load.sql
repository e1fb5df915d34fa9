SELECT
    v.id, v.first_at, v.last_at, v.visits, v.pages, v.conversations, v.erased, v.viewed_at,
    v.visit_at,
    l.label
FROM visitor_2 AS v
LEFT JOIN visitor_label_2 AS l ON l.tenant = $1 AND l.id = v.id
WHERE v.tenant = $1 AND v.id = ANY ($2::text[])
