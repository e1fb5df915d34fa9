SELECT es.add_chunk($1, $2, $3, $4, $5)
