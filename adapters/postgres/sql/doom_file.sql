SELECT es.doom_file($1, $2, $3)
