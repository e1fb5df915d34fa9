-- History that is written with the times at which it happened: a data set, an import. It is judged
-- less than a command is (nobody waits for an answer, nothing is decided anew) and refused whole, but
-- what comes of it is what es.append would have written: positions, versions, chain, keys.
--
-- For the owner. A serving role that could say when something happened could forge the past.
--
-- One transaction a call, under the log's lock. All arrays are flat. Streams, keys, actors and types
-- are named once and meant by their index, from 1; a stream's first event here follows p_versions, the
-- version that the caller takes the stream to have (0: there is none). p_after is the position that
-- the caller takes the log to have. Keys may be offered as to es.append.
--
-- o_dead names keys that are not live; if there are any, nothing was written but the keys offered.
CREATE FUNCTION es.append_bulk(
    p_log uuid, p_after bigint,
    p_offered_ids uuid[], p_offered_subjects text[], p_offered_wrapped bytea[], p_master_key text,
    p_streams text[], p_versions bigint[],
    p_keys uuid[],
    p_roles text[], p_actors text[],
    p_types text[], p_schema_versions integer[], p_deciding boolean[],
    -- an event; p_recorded_at in microseconds since 1970
    p_stream integer[], p_key integer[], p_actor integer[], p_type integer[],
    p_event_id uuid[], p_recorded_at bigint[], p_metadata bytea[], p_data bytea[],
    OUT o_dead uuid[], OUT o_position bigint, OUT o_hash bytea
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count CONSTANT integer := cardinality(p_event_id);
    v_position bigint;
    v_hash bytea;
    v_at bigint;
    v_next bigint;
    v_versions bigint[] := p_versions;
    v_decided bigint[];
    v_stream integer;
    v_type integer;
    v_actor integer;
    v_version bigint;
    v_of_stream bigint[] := array_fill(0::bigint, ARRAY[v_count]);
    v_of_decided bigint[] := v_of_stream;
    v_hashes bytea[] := array_fill(NULL::bytea, ARRAY[v_count]);
    v_wrong text;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no log %', p_log USING ERRCODE = 'no_data_found';
    END IF;

    IF cardinality(p_offered_ids) > 0 THEN
        PERFORM es.demand_master_key(p_master_key);
        INSERT INTO es.subject_key (key_id, tenant, subject, wrapped, master_key)
        SELECT k.id, p_log, k.subject, k.wrapped, p_master_key
        FROM unnest(p_offered_ids, p_offered_subjects, p_offered_wrapped) AS k (id, subject, wrapped)
        ON CONFLICT (tenant, subject) DO NOTHING;
    END IF;
    o_dead := ARRAY(
        SELECT k.id FROM unnest(p_keys) AS k (id)
        WHERE (
            SELECT s.wrapped IS NOT NULL FROM es.subject_key AS s
            WHERE s.tenant = p_log AND s.key_id = k.id
        ) IS NOT TRUE
    );
    IF cardinality(o_dead) > 0 THEN
        RETURN;
    END IF;

    SELECT e.position, e.hash, es.micros(e.recorded_at) INTO v_position, v_hash, v_at
    FROM es.event AS e WHERE e.tenant = p_log ORDER BY e.position DESC LIMIT 1;
    IF NOT FOUND THEN
        v_position := 0;
        v_hash := es.genesis(p_log);
        v_at := 0;
    END IF;
    IF v_position <> p_after THEN
        RAISE EXCEPTION 'the log is at position %, not at %', v_position, p_after
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF p_recorded_at[v_count] > es.micros(clock_timestamp()) THEN
        RAISE EXCEPTION 'the last of the events lies in the future' USING ERRCODE = 'restrict_violation';
    END IF;

    -- One look a stream, also at those that should not be there: that costs no more than to find
    -- out by the index, and is told in a sentence.
    SELECT
        array_agg(coalesce(h.decided, 0) ORDER BY s.n),
        min(s.stream) FILTER (WHERE coalesce(h.version, 0) <> s.version)
    INTO v_decided, v_wrong
    FROM unnest(p_streams, p_versions) WITH ORDINALITY AS s (stream, version, n)
    LEFT JOIN LATERAL (
        SELECT e.version, e.decided FROM es.event AS e
        WHERE e.tenant = p_log AND e.stream = s.stream ORDER BY e.version DESC LIMIT 1
    ) AS h ON true;
    IF v_wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the stream % has another version than the events begin at', v_wrong
            USING ERRCODE = 'restrict_violation';
    END IF;

    FOR i IN 1 .. v_count LOOP
        v_next := p_recorded_at[i];
        IF v_next <= v_at THEN
            RAISE EXCEPTION 'the time of event % is not after that of the one before', v_position + i
                USING ERRCODE = 'restrict_violation';
        END IF;
        v_at := v_next;
        v_stream := p_stream[i];
        v_type := p_type[i];
        v_actor := p_actor[i];
        v_version := v_versions[v_stream] + 1;
        v_versions[v_stream] := v_version;
        IF p_deciding[v_type] THEN
            v_decided[v_stream] := v_version;
        END IF;
        v_hash := es.next_hash(
            v_hash, p_log, v_position + i, p_streams[v_stream], v_version, p_types[v_type],
            p_schema_versions[v_type], p_event_id[i], p_roles[v_actor], p_actors[v_actor],
            v_at, p_keys[p_key[i]], p_metadata[i], p_data[i]
        );
        v_of_stream[i] := v_version;
        v_of_decided[i] := v_decided[v_stream];
        v_hashes[i] := v_hash;
    END LOOP;

    INSERT INTO es.event (
        tenant, position, stream, version, decided, type, schema_version, event_id, actor_role,
        actor_id, key_id, metadata, recorded_at, data, hash
    )
    SELECT
        p_log, v_position + n.number, p_streams[n.stream], n.version, n.decided, p_types[n.type],
        p_schema_versions[n.type], n.event_id, p_roles[n.actor], p_actors[n.actor], p_keys[n.key],
        n.metadata, timestamptz 'epoch' + n.recorded_at * interval '1 microsecond', n.data, n.hash
    FROM unnest(
        p_stream, v_of_stream, v_of_decided, p_type, p_event_id, p_actor, p_key, p_metadata,
        p_recorded_at, p_data, v_hashes
    ) WITH ORDINALITY AS n (
        stream, version, decided, type, event_id, actor, key, metadata,
        recorded_at, data, hash, number
    );
    o_position := v_position + v_count;
    o_hash := v_hash;
END
$$;
REVOKE ALL ON FUNCTION es.append_bulk(
    uuid, bigint, uuid[], text[], bytea[], text, text[], bigint[], uuid[], text[], text[], text[],
    integer[], boolean[], integer[], integer[], integer[], integer[], uuid[], bigint[], bytea[], bytea[]
) FROM PUBLIC;
