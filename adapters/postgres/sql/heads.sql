SELECT * FROM es.heads($1)
