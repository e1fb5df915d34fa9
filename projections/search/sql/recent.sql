SELECT position, messages FROM search_recent_1 WHERE tenant = $1
