SELECT tenant, "position", mark FROM es.checkpoint WHERE projection = $1
