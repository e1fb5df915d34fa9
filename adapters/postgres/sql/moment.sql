SELECT * FROM es.moment($1, $2, $3, $4)
