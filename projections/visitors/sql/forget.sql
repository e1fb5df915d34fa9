WITH labels AS (DELETE FROM visitor_label_2 WHERE tenant = $1 AND id = ANY ($2::text[]))
UPDATE visitor_page_2 SET label = NULL
WHERE tenant = $1 AND visitor = ANY ($2::text[]) AND label IS NOT NULL
