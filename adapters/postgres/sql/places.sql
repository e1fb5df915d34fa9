SELECT * FROM es.places($1, $2, $3)
