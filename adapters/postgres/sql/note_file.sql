SELECT es.note_file($1, $2, $3, $4, $5)
