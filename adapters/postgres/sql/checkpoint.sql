SELECT "position", mark FROM es.checkpoint WHERE projection = $1 AND tenant = $2
