SELECT max(position) AS position FROM search_recent_1 WHERE tenant = $1
