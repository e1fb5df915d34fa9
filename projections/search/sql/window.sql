SELECT log_window, bucket, postings FROM search_posting_1 WHERE tenant = $1 AND log_window = $2
