DELETE FROM search_posting_1 AS p
USING unnest($2::integer[], $3::integer[]) AS gone (log_window, bucket)
WHERE p.tenant = $1 AND p.log_window = gone.log_window AND p.bucket = gone.bucket
