SELECT es.keep_snapshot($1, $2, $3, $4, $5, $6, $7)
