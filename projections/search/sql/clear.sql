WITH recent AS (DELETE FROM search_recent_1 WHERE tenant = $1)
DELETE FROM search_posting_1 WHERE tenant = $1
