SELECT
    coalesce((SELECT "position" FROM es.checkpoint WHERE projection = $2 AND tenant = $1), 0) AS folded,
    coalesce((SELECT max("position") FROM es.event WHERE tenant = $1), 0) AS head
