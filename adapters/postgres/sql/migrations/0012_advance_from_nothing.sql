-- A checkpoint that stands at position 0 is as good as none, so it moves from there too; up to now
-- it never moved again.

-- Move checkpoints of one name, each by compare-and-set (0: there is none yet, or it stands at the
-- beginning); which have moved.
CREATE OR REPLACE FUNCTION es.advance(
    p_name text, p_logs uuid[], p_was bigint[], p_was_mark bytea[], p_to bigint[], p_to_mark bytea[]
) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    INSERT INTO es.checkpoint AS c (projection, tenant, position, mark)
    SELECT p_name, m.log, m.to_position, m.to_mark
    FROM unnest(p_logs, p_was, p_to, p_to_mark) AS m (log, was, to_position, to_mark)
    WHERE m.was = 0
    ON CONFLICT (projection, tenant) DO UPDATE
    SET position = excluded.position, mark = excluded.mark
    WHERE c.position = 0
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
