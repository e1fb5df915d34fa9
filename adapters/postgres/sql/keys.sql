SELECT * FROM es.keys($1, $2, $3)
