SELECT es.create_log($1, $2)
