WITH visitors AS (DELETE FROM visitor_1 WHERE tenant = $1),
    labels AS (DELETE FROM visitor_label_1 WHERE tenant = $1)
DELETE FROM visitor_page_1 WHERE tenant = $1
