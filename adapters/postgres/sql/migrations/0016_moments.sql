-- The log as it stood at a position, or at a time: the last event by then, and the last version of a
-- stream by then. Recorded times and the positions of a stream's versions only grow, so both are
-- found by bisection over the keys that there are: some thirty look-ups in the longest log.

-- p_time is in microseconds since 1970, and counts where p_position is NULL; p_stream may be NULL.
CREATE FUNCTION es.moment(
    p_log uuid, p_position bigint, p_time bigint, p_stream text,
    OUT o_position bigint, OUT o_recorded_at bigint, OUT o_hash bytea, OUT o_head bigint,
    OUT o_version bigint
)
LANGUAGE plpgsql AS $$
DECLARE
    v_low bigint := 0;
    v_high bigint;
    v_middle bigint;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    o_head := coalesce((
        SELECT e.position FROM es.event AS e
        WHERE e.tenant = p_log ORDER BY e.position DESC LIMIT 1
    ), 0);
    IF p_position IS NULL THEN
        v_high := o_head;
        WHILE v_low < v_high LOOP
            v_middle := (v_low + v_high + 1) / 2;
            IF es.micros((
                SELECT e.recorded_at FROM es.event AS e
                WHERE e.tenant = p_log AND e.position = v_middle
            )) <= p_time THEN
                v_low := v_middle;
            ELSE
                v_high := v_middle - 1;
            END IF;
        END LOOP;
        o_position := v_low;
    ELSE
        o_position := least(p_position, o_head);
    END IF;
    SELECT es.micros(e.recorded_at), e.hash INTO o_recorded_at, o_hash FROM es.event AS e
    WHERE e.tenant = p_log AND e.position = o_position;
    o_hash := coalesce(o_hash, es.genesis(p_log));
    v_low := 0;
    v_high := coalesce((
        SELECT e.version FROM es.event AS e
        WHERE e.tenant = p_log AND e.stream = p_stream ORDER BY e.version DESC LIMIT 1
    ), 0);
    WHILE v_low < v_high LOOP
        v_middle := (v_low + v_high + 1) / 2;
        IF (
            SELECT e.position FROM es.event AS e
            WHERE e.tenant = p_log AND e.stream = p_stream AND e.version = v_middle
        ) <= o_position THEN
            v_low := v_middle;
        ELSE
            v_high := v_middle - 1;
        END IF;
    END LOOP;
    o_version := v_low;
END
$$;
