-- One command with one event, which is what comes while nothing else does, has a way of its own into
-- the log: with a value for each thing instead of arrays the call takes a quarter less time. What is expected
-- of a stream is a function now, so that both ways have one rule.

-- Whether a stream at this version, its last deciding event at p_decided (both 0: there is none), is
-- as a part of a command expects. The kinds are the numbers of domain.append.Expect.
CREATE FUNCTION es.holds(p_kind integer, p_wanted bigint, p_version bigint, p_decided bigint)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_kind
    WHEN 0 THEN true
    WHEN 1 THEN p_version = 0
    WHEN 2 THEN p_version > 0
    WHEN 3 THEN p_version = p_wanted
    -- A stream shorter than the one that was decided on is of another history.
    WHEN 4 THEN p_version >= p_wanted AND p_decided <= p_wanted
    ELSE false
END;

-- The way into the log. A batch of commands, each written whole or not at all, in one call and
-- one transaction of its own (READ COMMITTED, no client round trip under the lock). VOLATILE, so
-- that every statement after the wait for the lock sees what was committed meanwhile.
--
-- All arrays are flat and parallel. Commands, parts and events come in order; a command's parts and
-- events follow those of the command before. Streams and keys are named once and meant by their
-- index, from 1.
--
-- o_dead names keys that are not live; if there are any, no command was judged and no event written,
-- and the caller tries again with the keys that are. Keys that were offered to subjects without one
-- are kept all the same: they are the live ones of the next attempt. Else o_status has a number for
-- each command:
--   0  appended
--   1  its id is in the log: answered before it is judged
--   2  an expectation or a dependency does not hold
--   3  its subject was erased (the caller knows so: p_erased)
-- and for each event its place, time (microseconds since 1970) and hash, NULL where not appended.
-- o_now is this server's clock.
CREATE OR REPLACE FUNCTION es.append(
    p_log uuid,
    -- keys for subjects that seemed to have none
    p_offered_ids uuid[], p_offered_subjects text[], p_offered_wrapped bytea[], p_master_key text,
    p_streams text[],
    p_keys uuid[],
    -- a command: the id of its first event, the command before it with the same id (0: none), who,
    -- whether erased, the event it depends on with its stream, its version there and, where that may
    -- come with this batch, its last index (0: not), and how many parts and events it has
    p_first uuid[], p_same integer[], p_role text[], p_actor text[], p_erased boolean[],
    p_after uuid[], p_after_stream text[], p_after_version bigint[], p_after_event integer[],
    p_parts integer[], p_events integer[],
    -- a part: its stream and expectation (the numbers of domain.append.Expect)
    p_part_stream integer[], p_part_kind integer[], p_part_version bigint[],
    -- an event; p_event_same is the index of the event before it with the same id (0: none)
    p_stream integer[], p_event_same integer[], p_type text[], p_schema_version integer[], p_event_id uuid[],
    p_deciding boolean[], p_key integer[], p_metadata bytea[], p_data bytea[],
    OUT o_dead uuid[], OUT o_now bigint, OUT o_status integer[],
    OUT o_position bigint[], OUT o_version bigint[], OUT o_decided bigint[],
    OUT o_recorded_at bigint[], OUT o_hash bytea[]
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_commands CONSTANT integer := cardinality(p_first);
    v_count CONSTANT integer := cardinality(p_event_id);
    v_setting text;
    v_position bigint;
    v_hash bytea;
    v_recorded_at bigint;
    v_versions bigint[];
    v_decided bigint[];
    v_known bigint[];       -- versions of the first events, then of those depended on
    v_command_of integer[];
    v_part integer := 0;    -- the last part and event of the commands so far
    v_event integer := 0;
    v_wrote boolean := false;
    v_holds boolean;
    v_event_index integer;
    v_stream integer;
    v_found bigint;
BEGIN
    -- An assignment, since PERFORM would run a query of its own.
    v_setting := set_config('app.tenant', p_log::text, true);
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
    -- One statement for all that is to be known, after the wait for the lock. A subquery in the
    -- place of a value cannot become a join: it stays an index look-up a row in every plan that a
    -- connection may keep, and the arrays keep the order of those that came in.
    SELECT
        ARRAY(
            SELECT k.id FROM unnest(p_keys) AS k (id)
            WHERE (
                SELECT s.wrapped IS NOT NULL FROM es.subject_key AS s
                WHERE s.tenant = p_log AND s.key_id = k.id
            ) IS NOT TRUE
        ),
        ARRAY(
            SELECT (
                SELECT e.version FROM es.event AS e
                WHERE e.tenant = p_log AND e.event_id = a.id
                    AND (a.stream IS NULL OR e.stream = a.stream)
            )
            FROM unnest(
                p_first || p_after,
                array_fill(NULL::text, ARRAY[v_commands]) || p_after_stream
            ) AS a (id, stream)
        ),
        streams.versions, streams.decided,
        coalesce(head.position, 0), coalesce(head.hash, es.genesis(p_log)),
        coalesce(es.micros(head.recorded_at), 0)
    INTO o_dead, v_known, v_versions, v_decided, v_position, v_hash, v_recorded_at
    FROM (
        SELECT
            array_agg(coalesce(h.version, 0)) AS versions,
            array_agg(coalesce(h.decided, 0)) AS decided
        FROM unnest(p_streams) AS s (stream)
        LEFT JOIN LATERAL (
            SELECT e.version, e.decided FROM es.event AS e
            WHERE e.tenant = p_log AND e.stream = s.stream ORDER BY e.version DESC LIMIT 1
        ) AS h ON true
    ) AS streams
    LEFT JOIN LATERAL (
        SELECT e.position, e.hash, e.recorded_at FROM es.event AS e
        WHERE e.tenant = p_log ORDER BY e.position DESC LIMIT 1
    ) AS head ON true;
    IF cardinality(o_dead) > 0 THEN
        RETURN;
    END IF;

    o_now := es.micros(clock_timestamp());
    -- Time never goes back nor stands still within a log, whatever the clock does.
    v_recorded_at := greatest(o_now, v_recorded_at + 1) - 1;
    o_status := array_fill(NULL::integer, ARRAY[v_commands]);
    o_position := array_fill(NULL::bigint, ARRAY[v_count]);
    o_version := o_position;
    o_decided := o_position;
    o_recorded_at := o_position;
    o_hash := array_fill(NULL::bytea, ARRAY[v_count]);
    v_command_of := array_fill(NULL::integer, ARRAY[v_count]);

    FOR i IN 1 .. v_commands LOOP
        v_holds := true;
        IF v_known[i] IS NOT NULL OR (p_same[i] > 0 AND o_status[p_same[i]] IN (0, 1)) THEN
            o_status[i] := 1;
        ELSE
            IF p_after[i] IS NOT NULL THEN
                v_event_index := p_after_event[i];
                WHILE v_event_index > 0 AND o_version[v_event_index] IS NULL LOOP
                    v_event_index := p_event_same[v_event_index];
                END LOOP;
                v_found := CASE
                    WHEN o_version[v_event_index] IS NULL THEN v_known[v_commands + i]
                    WHEN p_streams[p_stream[v_event_index]] = p_after_stream[i]
                        THEN o_version[v_event_index]
                END;
                v_holds := v_found IS NOT NULL AND v_found = p_after_version[i];
            END IF;
            FOR j IN v_part + 1 .. v_part + p_parts[i] LOOP
                EXIT WHEN NOT v_holds;
                v_stream := p_part_stream[j];
                v_holds := es.holds(
                    p_part_kind[j], p_part_version[j], v_versions[v_stream], v_decided[v_stream]
                );
            END LOOP;
            IF NOT v_holds THEN
                o_status[i] := 2;
            ELSIF p_erased[i] THEN
                o_status[i] := 3;
            ELSE
                o_status[i] := 0;
                FOR j IN v_event + 1 .. v_event + p_events[i] LOOP
                    v_stream := p_stream[j];
                    v_position := v_position + 1;
                    v_recorded_at := v_recorded_at + 1;
                    v_found := v_versions[v_stream] + 1;
                    v_versions[v_stream] := v_found;
                    IF p_deciding[j] THEN
                        v_decided[v_stream] := v_found;
                    END IF;
                    v_hash := es.next_hash(
                        v_hash, p_log, v_position, p_streams[v_stream], v_found, p_type[j],
                        p_schema_version[j], p_event_id[j], p_role[i], p_actor[i],
                        v_recorded_at, p_keys[p_key[j]], p_metadata[j], p_data[j]
                    );
                    o_position[j] := v_position;
                    o_version[j] := v_found;
                    o_decided[j] := v_decided[v_stream];
                    o_recorded_at[j] := v_recorded_at;
                    o_hash[j] := v_hash;
                    v_command_of[j] := i;
                    v_wrote := true;
                END LOOP;
            END IF;
        END IF;
        v_part := v_part + p_parts[i];
        v_event := v_event + p_events[i];
    END LOOP;

    IF v_wrote THEN
        INSERT INTO es.event (
            tenant, position, stream, version, decided, type, schema_version, event_id, actor_role,
            actor_id, key_id, metadata, recorded_at, data, hash
        )
        SELECT
            p_log, n.position, p_streams[n.stream], n.version, n.decided, n.type, n.schema_version,
            n.event_id, p_role[n.command], p_actor[n.command], p_keys[n.key], n.metadata,
            timestamptz 'epoch' + n.recorded_at * interval '1 microsecond', n.data, n.hash
        FROM unnest(
            o_position, p_stream, o_version, o_decided, p_type, p_schema_version, p_event_id,
            v_command_of, p_key, p_metadata, o_recorded_at, p_data, o_hash
        ) AS n (
            position, stream, version, decided, type, schema_version, event_id,
            command, key, metadata, recorded_at, data, hash
        )
        WHERE n.position IS NOT NULL;
    END IF;
END
$$;

-- The same for a batch of one command with one event, its only part with events, that depends on no
-- other command and whose subject has a key. Appends it or does nothing at all: then o_position is
-- NULL, and the caller asks es.append why. So what becomes of a repeat, a conflict, a key that is not
-- live and the first event of a log is judged in one place.
CREATE FUNCTION es.append_one(
    p_log uuid,
    -- the stream that the event is for, and its expectation; then streams that were only read
    p_stream text, p_kind integer, p_wanted bigint,
    p_read_stream text[], p_read_kind integer[], p_read_wanted bigint[],
    p_type text, p_schema_version integer, p_event_id uuid, p_role text, p_actor text,
    p_deciding boolean, p_key uuid, p_metadata bytea, p_data bytea,
    OUT o_now bigint,
    OUT o_position bigint, OUT o_version bigint, OUT o_decided bigint,
    OUT o_recorded_at bigint, OUT o_hash bytea
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_setting text;
    v_previous bytea;
BEGIN
    v_setting := set_config('app.tenant', p_log::text, true);
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    o_now := es.micros(clock_timestamp());

    IF cardinality(p_read_stream) > 0 THEN
        PERFORM
        FROM unnest(p_read_stream, p_read_kind, p_read_wanted) AS r (stream, kind, wanted)
        LEFT JOIN LATERAL (
            SELECT e.version, e.decided FROM es.event AS e
            WHERE e.tenant = p_log AND e.stream = r.stream ORDER BY e.version DESC LIMIT 1
        ) AS h ON true
        WHERE NOT es.holds(r.kind, r.wanted, coalesce(h.version, 0), coalesce(h.decided, 0));
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    SELECT
        head.position + 1, coalesce(own.version, 0) + 1,
        CASE WHEN p_deciding THEN coalesce(own.version, 0) + 1 ELSE coalesce(own.decided, 0) END,
        greatest(o_now, es.micros(head.recorded_at) + 1), head.hash
    INTO o_position, o_version, o_decided, o_recorded_at, v_previous
    FROM (
        SELECT e.position, e.hash, e.recorded_at FROM es.event AS e
        WHERE e.tenant = p_log ORDER BY e.position DESC LIMIT 1
    ) AS head
    LEFT JOIN LATERAL (
        SELECT e.version, e.decided FROM es.event AS e
        WHERE e.tenant = p_log AND e.stream = p_stream ORDER BY e.version DESC LIMIT 1
    ) AS own ON true
    WHERE NOT EXISTS (
            SELECT FROM es.event AS e WHERE e.tenant = p_log AND e.event_id = p_event_id
        )
        AND (
            SELECT s.wrapped IS NOT NULL FROM es.subject_key AS s
            WHERE s.tenant = p_log AND s.key_id = p_key
        )
        AND es.holds(p_kind, p_wanted, coalesce(own.version, 0), coalesce(own.decided, 0));
    IF NOT FOUND THEN
        RETURN;
    END IF;

    o_hash := es.next_hash(
        v_previous, p_log, o_position, p_stream, o_version, p_type, p_schema_version, p_event_id,
        p_role, p_actor, o_recorded_at, p_key, p_metadata, p_data
    );
    INSERT INTO es.event (
        tenant, position, stream, version, decided, type, schema_version, event_id, actor_role,
        actor_id, key_id, metadata, recorded_at, data, hash
    )
    VALUES (
        p_log, o_position, p_stream, o_version, o_decided, p_type, p_schema_version, p_event_id,
        p_role, p_actor, p_key, p_metadata,
        timestamptz 'epoch' + o_recorded_at * interval '1 microsecond', p_data, o_hash
    );
END
$$;
