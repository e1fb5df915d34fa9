-- Reading, each in one round trip: the functions name the tenant to row-level security and ask.

-- At most p_limit events beyond p_after, whose data is at most p_bytes in all; the first one always.
-- The columns are named, since a row as a value would fetch what is left out, too.
CREATE FUNCTION es.read_log(p_log uuid, p_after bigint, p_limit integer, p_bytes bigint)
RETURNS SETOF es.event
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT
        n.tenant, n.position, n.stream, n.version, n.decided, n.type, n.schema_version, n.event_id,
        n.actor_role, n.actor_id, n.key_id, n.metadata, n.recorded_at, n.data, n.hash
    FROM (
        SELECT e.*, sum(octet_length(e.data)) OVER page AS bytes, row_number() OVER page AS number
        FROM (
            SELECT * FROM es.event
            WHERE es.event.tenant = p_log AND es.event.position > p_after
            ORDER BY es.event.position LIMIT p_limit
        ) AS e
        WINDOW page AS (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
    ) AS n
    WHERE n.bytes <= p_bytes OR n.number = 1
    ORDER BY n.position;
END
$$;

-- The same of a stream, beyond a version.
CREATE FUNCTION es.read_stream(
    p_log uuid, p_stream text, p_after bigint, p_limit integer, p_bytes bigint
) RETURNS SETOF es.event
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT
        n.tenant, n.position, n.stream, n.version, n.decided, n.type, n.schema_version, n.event_id,
        n.actor_role, n.actor_id, n.key_id, n.metadata, n.recorded_at, n.data, n.hash
    FROM (
        SELECT e.*, sum(octet_length(e.data)) OVER page AS bytes, row_number() OVER page AS number
        FROM (
            SELECT * FROM es.event
            WHERE es.event.tenant = p_log AND es.event.stream = p_stream
                AND es.event.version > p_after
            ORDER BY es.event.version LIMIT p_limit
        ) AS e
        WINDOW page AS (ORDER BY e.version ROWS UNBOUNDED PRECEDING)
    ) AS n
    WHERE n.bytes <= p_bytes OR n.number = 1
    ORDER BY n.version;
END
$$;

-- Where the events of these streams and versions stand, as far as there are any: for the proof that
-- versions follow one another.
CREATE FUNCTION es.places(
    p_log uuid, p_streams text[], p_versions bigint[],
    OUT o_stream text, OUT o_position bigint, OUT o_decided bigint
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT a.stream, e.position, e.decided
    FROM unnest(p_streams, p_versions) AS a (stream, version)
    CROSS JOIN LATERAL (
        SELECT o.position, o.decided FROM es.event AS o
        WHERE o.tenant = p_log AND o.stream = a.stream AND o.version = a.version LIMIT 1
    ) AS e;
END
$$;

-- The events of these ids that are in the log, and the last event of each of these streams.
CREATE FUNCTION es.recheck(p_log uuid, p_ids uuid[], p_streams text[]) RETURNS SETOF es.event
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT e.* FROM unnest(p_ids) AS a (id)
    CROSS JOIN LATERAL (
        SELECT * FROM es.event WHERE tenant = p_log AND event_id = a.id LIMIT 1
    ) AS e
    UNION ALL
    SELECT e.* FROM unnest(p_streams) AS s (stream)
    CROSS JOIN LATERAL (
        SELECT * FROM es.event WHERE tenant = p_log AND stream = s.stream
        ORDER BY version DESC LIMIT 1
    ) AS e;
END
$$;

-- For each stream (NULL: the log itself) the last number, its hash, and the hash at an offset.
CREATE FUNCTION es.stream_heads(
    p_log uuid, p_streams text[], p_offsets bigint[],
    OUT o_number bigint, OUT o_hash bytea, OUT o_asked bytea
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT coalesce(h.number, 0), coalesce(h.hash, es.genesis(p_log)), h.asked
    FROM unnest(p_streams, p_offsets) WITH ORDINALITY AS a (stream, after, n)
    LEFT JOIN LATERAL (
        (
            SELECT e.version AS number, e.hash, (
                SELECT o.hash FROM es.event AS o
                WHERE o.tenant = p_log AND o.stream = a.stream AND o.version = a.after
            ) AS asked
            FROM es.event AS e
            WHERE e.tenant = p_log AND e.stream = a.stream
            ORDER BY e.version DESC LIMIT 1
        )
        UNION ALL
        (
            SELECT e.position, e.hash, (
                SELECT o.hash FROM es.event AS o
                WHERE o.tenant = p_log AND o.position = a.after
            )
            FROM es.event AS e
            WHERE a.stream IS NULL AND e.tenant = p_log
            ORDER BY e.position DESC LIMIT 1
        )
    ) AS h ON true
    ORDER BY a.n;
END
$$;

-- The head of each of these logs, or of all. It is asked across tenants, to see who has fallen
-- behind, and tells names, numbers and hashes only.
CREATE FUNCTION es.heads(
    p_logs uuid[],
    OUT o_log uuid, OUT o_tenant text, OUT o_position bigint, OUT o_hash bytea
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.id, l.tenant, coalesce(h.position, 0), coalesce(h.hash, es.genesis(l.id))
    FROM unnest(coalesce(p_logs, ARRAY(SELECT id FROM es.log ORDER BY tenant)))
        WITH ORDINALITY AS a (id, n)
    JOIN es.log AS l ON l.id = a.id
    LEFT JOIN LATERAL (
        SELECT e.position, e.hash FROM es.event AS e
        WHERE e.tenant = l.id ORDER BY e.position DESC LIMIT 1
    ) AS h ON true
    ORDER BY a.n
$$;
REVOKE ALL ON FUNCTION es.heads(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.heads(uuid[]) TO parley_node, parley_projector;
