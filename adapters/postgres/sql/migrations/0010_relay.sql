-- The relay: who it is, how logs are shared out, and how far each log was published.
--
-- parley_relay  reads all logs as they are stored, and moves its own checkpoints; it has no keys

DO $$
BEGIN
    BEGIN
        CREATE ROLE parley_relay NOLOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF NOT pg_has_role(current_user, 'parley_relay', 'MEMBER') THEN
        GRANT parley_relay TO CURRENT_USER;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA es TO parley_relay;
GRANT SELECT ON es.log, es.event TO parley_relay;
GRANT SELECT, INSERT, UPDATE ON es.checkpoint TO parley_relay;
CREATE POLICY relay ON es.log FOR SELECT TO parley_relay USING (true);
CREATE POLICY relay ON es.event FOR SELECT TO parley_relay USING (true);
CREATE POLICY relay ON es.checkpoint TO parley_relay USING (projection = 'relay');

-- A log's shard: the last byte of its id, which is drawn by chance (domain.shards).
CREATE FUNCTION es.shard(p_log uuid) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN get_byte(uuid_send(p_log), 15) % 64;

CREATE INDEX log_shard ON es.log (es.shard(id));

-- Where these logs stand, or those of these shards whose head is not their checkpoint.
-- o_mark is the log's own at the checkpoint's position: another one means another history. Each look
-- is an index probe or two for a log, in any plan: it is asked each second, also of thousands.
CREATE FUNCTION es.standings(
    p_name text, p_logs uuid[], p_shards integer[],
    OUT o_log uuid, OUT o_tenant text, OUT o_head bigint,
    OUT o_position bigint, OUT o_checkpoint_mark bytea, OUT o_mark bytea
) RETURNS SETOF record
LANGUAGE sql STABLE AS $$
    SELECT
        l.id, l.tenant, h.position, c.position, c.mark,
        (
            SELECT substring(e.hash FOR 8) FROM es.event AS e
            WHERE e.tenant = l.id AND e.position >= c.position
            ORDER BY e.position LIMIT 1
        )
    FROM es.log AS l
    LEFT JOIN LATERAL (
        SELECT k.position, k.mark FROM es.checkpoint AS k
        WHERE k.projection = p_name AND k.tenant = l.id LIMIT 1
    ) AS c ON true
    CROSS JOIN LATERAL (
        SELECT e.position, substring(e.hash FOR 8) AS mark FROM es.event AS e
        WHERE e.tenant = l.id ORDER BY e.position DESC LIMIT 1
    ) AS h
    WHERE (l.id = ANY (p_logs) OR es.shard(l.id) = ANY (p_shards))
        AND (p_logs IS NOT NULL OR (h.position, h.mark) IS DISTINCT FROM (c.position, c.mark))
$$;
REVOKE ALL ON FUNCTION es.standings(text, uuid[], integer[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.standings(text, uuid[], integer[]) TO parley_relay, parley_projector;

-- Move checkpoints of one name, each by compare-and-set (0: there is none yet); which have moved.
CREATE FUNCTION es.advance(
    p_name text, p_logs uuid[], p_was bigint[], p_was_mark bytea[], p_to bigint[], p_to_mark bytea[]
) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    INSERT INTO es.checkpoint AS c (projection, tenant, position, mark)
    SELECT p_name, m.log, m.to_position, m.to_mark
    FROM unnest(p_logs, p_was, p_to, p_to_mark) AS m (log, was, to_position, to_mark)
    WHERE m.was = 0
    ON CONFLICT DO NOTHING
    RETURNING c.tenant;
    RETURN QUERY
    UPDATE es.checkpoint AS c SET position = m.to_position, mark = m.to_mark
    FROM unnest(p_logs, p_was, p_was_mark, p_to, p_to_mark)
        AS m (log, was, was_mark, to_position, to_mark)
    WHERE m.was > 0 AND c.projection = p_name AND c.tenant = m.log
        AND (c.position, c.mark) = (m.was, m.was_mark)
    RETURNING c.tenant;
END
$$;
REVOKE ALL ON FUNCTION es.advance(text, uuid[], bigint[], bytea[], bigint[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.advance(text, uuid[], bigint[], bytea[], bigint[], bytea[])
TO parley_relay;
