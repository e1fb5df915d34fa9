DELETE FROM rm.parked WHERE projection = $1 AND tenant = $2
