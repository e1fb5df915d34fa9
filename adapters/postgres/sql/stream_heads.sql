SELECT * FROM es.stream_heads($1, $2, $3)
