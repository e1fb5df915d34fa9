SELECT es.find_log($1)
