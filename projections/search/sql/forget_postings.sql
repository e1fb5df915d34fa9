DELETE FROM search_posting_1
WHERE tenant = $1 AND log_window = $2 AND bucket = ANY ($3::integer[])
