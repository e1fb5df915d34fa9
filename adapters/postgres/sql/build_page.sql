-- A large page of a log for a rebuild: what of it is wanted, what this program does not know, and the
-- last event, which says how far the page goes. `whole` is how many events there are up to it.
-- $4: at most so many bytes, but for the first event; $5: wanted types, NULL is all; $6 and $7: the
-- known types with their newest versions. The second scan is bounded by $3 too, which the planner knows:
-- by the page alone it takes a third of the log for wanted, and reads all there is.
WITH sized AS (
    SELECT position, sum(octet_length(data)) OVER (ORDER BY position) AS bytes
    FROM es.event WHERE tenant = $1 AND position > $2 AND position <= $3
),
page AS (
    SELECT max(position) AS upto, count(*) AS whole FROM sized
    WHERE bytes <= $4 OR position = $2 + 1
),
known AS (SELECT * FROM unnest($6::text[], $7::integer[]) AS k (type, newest))
SELECT
    e."position", e.stream, e.version, e.decided, e.type, e.schema_version, e.event_id, e.actor_role,
    e.actor_id, e.key_id, e.metadata, es.micros(e.recorded_at) AS recorded_at, e.data, e.hash,
    page.whole
FROM page
JOIN es.event AS e ON e.tenant = $1 AND e.position > $2 AND e.position <= page.upto AND e.position <= $3
LEFT JOIN known ON known.type = e.type
WHERE
    $5::text[] IS NULL OR e.type = ANY ($5::text[]) OR e.position = page.upto
    OR known.newest IS NULL OR e.schema_version > known.newest
ORDER BY e.position
