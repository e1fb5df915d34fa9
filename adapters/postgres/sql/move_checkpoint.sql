UPDATE es.checkpoint SET "position" = $3, mark = $4
WHERE projection = $1 AND tenant = $2 AND "position" = $5 AND mark = $6
RETURNING true
