SELECT * FROM es.find_snapshot($1, $2, $3)
