SELECT es.destroy_key($1, $2, $3)
