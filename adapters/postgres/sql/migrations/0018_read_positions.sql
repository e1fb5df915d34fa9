-- Reading single events of a log, for whoever has found out by other means where they stand.

-- The events at these positions, in the order asked, whose data is at most p_bytes in all; the first
-- of them always.
CREATE FUNCTION es.read_positions(p_log uuid, p_positions bigint[], p_bytes bigint)
RETURNS SETOF es.event
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT
        n.tenant, n.position, n.stream, n.version, n.decided, n.type, n.schema_version, n.event_id,
        n.actor_role, n.actor_id, n.key_id, n.metadata, n.recorded_at, n.data, n.hash
    FROM (
        SELECT
            e.*, a.place, sum(octet_length(e.data)) OVER page AS bytes, row_number() OVER page AS number
        FROM unnest(p_positions) WITH ORDINALITY AS a (asked, place)
        CROSS JOIN LATERAL (
            SELECT * FROM es.event AS o WHERE o.tenant = p_log AND o.position = a.asked LIMIT 1
        ) AS e
        WINDOW page AS (ORDER BY a.place ROWS UNBOUNDED PRECEDING)
    ) AS n
    WHERE n.bytes <= p_bytes OR n.number = 1
    ORDER BY n.place;
END
$$;
