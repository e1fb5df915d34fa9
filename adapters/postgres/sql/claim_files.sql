SELECT * FROM es.claim_files($1, $2, $3)
