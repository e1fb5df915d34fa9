WITH visitors AS (DELETE FROM visitor_2 WHERE tenant = $1),
    labels AS (DELETE FROM visitor_label_2 WHERE tenant = $1)
DELETE FROM visitor_page_2 WHERE tenant = $1
