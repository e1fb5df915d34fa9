SELECT generations FROM rm.projection WHERE name = $1
