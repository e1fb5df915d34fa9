DELETE FROM es.file WHERE tenant = $1 AND file = $2 AND doomed
