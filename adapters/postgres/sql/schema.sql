-- The whole schema, for reading; the database gets it by the migrations beside this file. A test
-- holds the two together (tests/integration/postgres/test_migrations.py).

CREATE SCHEMA IF NOT EXISTS es;

-- Which migrations of which room were applied, and in what form.
CREATE TABLE IF NOT EXISTS es.migration (
    room text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (room, number)
);


-- -----------------------------------------------------------------------------------------------
-- Who may come to the database, and how a row knows whose it is.
--
-- parley_node       serves requests: sees and writes the rows of the tenant in app.tenant only
-- parley_projector  reads all logs, writes read models and checkpoints
--
-- Neither owns a table, logs in by itself or bypasses row-level security. Row-level security is not
-- forced on the owner: it migrates, dumps and verifies all tenants, and no connection that serves
-- has its rights. Roles belong to the whole server: another database may have made them already.

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['parley_node', 'parley_projector'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', v_role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF NOT pg_has_role(current_user, v_role, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', v_role);
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA IF NOT EXISTS es;
CREATE SCHEMA auth;

GRANT USAGE ON SCHEMA es, auth TO parley_node, parley_projector;

-- The tenant of this transaction; NULL, which equals nothing, where none was named. A pooled
-- connection has '' after its first SET LOCAL, hence the nullif.
CREATE FUNCTION es.tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.tenant', true), '')::uuid;

-- Have a table with a column `tenant` planned for every tenant alike. By statistics a tenant that they do
-- not know yet has one row, and every index that begins with the tenant finds it as well as the right one.
CREATE FUNCTION es.plan_alike(p_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT attstattarget = 0 FROM pg_attribute WHERE attrelid = p_table AND attname = 'tenant'
    ) THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant SET STATISTICS 0', p_table);
    -- What was counted before would stay. A server before PostgreSQL 18 cannot forget it.
    IF to_regproc('pg_catalog.pg_clear_attribute_stats') IS NOT NULL THEN
        PERFORM pg_clear_attribute_stats(n.nspname, c.relname, 'tenant', false)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = p_table;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION es.plan_alike(regclass) FROM PUBLIC;

-- Put a table with a column `tenant` under row-level security: a node sees and writes its tenant's
-- rows, a projector all. Rights are granted by the caller.
CREATE FUNCTION es.protect(p_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s TO parley_node USING (tenant = (SELECT es.tenant()))',
        p_table
    );
    EXECUTE format('CREATE POLICY projector ON %s TO parley_projector USING (true)', p_table);
    PERFORM es.plan_alike(p_table);
END
$$;
REVOKE ALL ON FUNCTION es.protect(regclass) FROM PUBLIC;


-- -----------------------------------------------------------------------------------------------
-- The log: what happened, in the order in which it was committed. docs/architecture.md says why
-- each column is as it is. Nothing in clear may be personal.

-- One row a tenant, drawn once and never updated: it is what an append locks.
CREATE TABLE es.log (
    id uuid PRIMARY KEY,
    tenant text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE es.event (
    tenant uuid NOT NULL REFERENCES es.log (id),
    position bigint NOT NULL CHECK (position > 0),
    stream text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    -- version of the stream's last deciding event up to this one
    decided bigint NOT NULL CHECK (decided BETWEEN 0 AND version),
    type text NOT NULL,
    schema_version integer NOT NULL,
    event_id uuid NOT NULL,
    actor_role text NOT NULL,
    actor_id text NOT NULL,
    key_id uuid NOT NULL,
    metadata bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    -- format byte, compression byte, nonce, AES-256-GCM ciphertext
    data bytea NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant, position),
    UNIQUE (tenant, stream, version),
    UNIQUE (tenant, event_id)
);

-- Ciphertext does not compress: spare the attempt.
ALTER TABLE es.event ALTER COLUMN data SET STORAGE EXTERNAL;

-- A data key for each subject. A destroyed one stays as a row, so that none is made in its place.
CREATE TABLE es.subject_key (
    key_id uuid NOT NULL,
    tenant uuid NOT NULL REFERENCES es.log (id),
    subject text NOT NULL,
    -- the data key under the master key; NULL once it is destroyed
    wrapped bytea,
    master_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed_at timestamptz,
    PRIMARY KEY (tenant, key_id),
    UNIQUE (tenant, subject),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- A destroyed key's old row version is cleaned away at the next look of the autovacuum.
ALTER TABLE es.subject_key SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);

CREATE FUNCTION es.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is in %.% is never changed: % is refused',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON es.event
FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_change();

CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON es.log
FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_change();

CREATE TRIGGER keys_stay BEFORE DELETE OR TRUNCATE ON es.subject_key
FOR EACH STATEMENT EXECUTE FUNCTION es.refuse_change();

CREATE FUNCTION es.refuse_revival() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.key_id, NEW.tenant, NEW.subject) IS DISTINCT FROM (OLD.key_id, OLD.tenant, OLD.subject)
    THEN
        RAISE EXCEPTION 'a subject key keeps its id and subject'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL THEN
        RAISE EXCEPTION 'a destroyed subject key stays destroyed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER destroyed_keys_stay_so BEFORE UPDATE ON es.subject_key
FOR EACH ROW EXECUTE FUNCTION es.refuse_revival();

ALTER TABLE es.log ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON es.log TO parley_node USING (id = (SELECT es.tenant()));
CREATE POLICY projector ON es.log TO parley_projector USING (true);
SELECT es.protect('es.event');
SELECT es.protect('es.subject_key');

-- UPDATE of a column is what SELECT … FOR UPDATE asks for; the trigger refuses the update itself.
GRANT SELECT, INSERT, UPDATE (id) ON es.log TO parley_node;
GRANT SELECT, INSERT ON es.event, es.subject_key TO parley_node;
GRANT SELECT ON es.log, es.event, es.subject_key TO parley_projector;

-- The log of the tenant of this name: the one look-up that precedes knowing the tenant.
CREATE FUNCTION es.find_log(p_tenant text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM es.log WHERE tenant = p_tenant $$;
REVOKE ALL ON FUNCTION es.find_log(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.find_log(text) TO parley_node, parley_projector;

-- Begin a log; false where its id or the tenant's name is in use.
CREATE FUNCTION es.create_log(p_log uuid, p_tenant text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    INSERT INTO es.log (id, tenant) VALUES (p_log, p_tenant) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;


-- -----------------------------------------------------------------------------------------------
-- The hash chain, to the byte that of domain/chain.py. The golden vectors hold both.
-- STABLE, because convert_to is, lets the planner put the bodies in place of the calls.

-- Microseconds since 1970, exact.
CREATE FUNCTION es.micros(p_time timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (extract(epoch FROM p_time) * 1000000)::bigint;

-- The hash before the first event.
CREATE FUNCTION es.genesis(p_log uuid) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to('parley.log.1', 'UTF8') || uuid_send(p_log));

-- The hash of an event that follows p_previous: format byte 1, then every field as 4-byte length
-- and bytes; integers 8 bytes big-endian, UUIDs 16, p_recorded_at in microseconds since 1970.
CREATE FUNCTION es.next_hash(
    p_previous bytea, p_log uuid, p_position bigint, p_stream text, p_version bigint, p_type text,
    p_schema_version bigint, p_event_id uuid, p_actor_role text, p_actor_id text,
    p_recorded_at bigint, p_key_id uuid, p_metadata bytea, p_data bytea
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(
    p_previous || '\x01'::bytea
    || '\x00000010'::bytea || uuid_send(p_log)
    || '\x00000008'::bytea || int8send(p_position)
    || int4send(octet_length(p_stream)) || convert_to(p_stream, 'UTF8')
    || '\x00000008'::bytea || int8send(p_version)
    || int4send(octet_length(p_type)) || convert_to(p_type, 'UTF8')
    || '\x00000008'::bytea || int8send(p_schema_version)
    || '\x00000010'::bytea || uuid_send(p_event_id)
    || int4send(octet_length(p_actor_role)) || convert_to(p_actor_role, 'UTF8')
    || int4send(octet_length(p_actor_id)) || convert_to(p_actor_id, 'UTF8')
    || '\x00000008'::bytea || int8send(p_recorded_at)
    || '\x00000010'::bytea || uuid_send(p_key_id)
    || int4send(octet_length(p_metadata)) || p_metadata
    || int4send(octet_length(p_data)) || p_data
);


-- -----------------------------------------------------------------------------------------------
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
CREATE FUNCTION es.append(
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


-- -----------------------------------------------------------------------------------------------
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


-- -----------------------------------------------------------------------------------------------
-- Subject keys are made and destroyed only under the log's lock, and an append checks them under
-- it: so no event that was acked is ever under a lost key.

CREATE FUNCTION es.keys(
    p_log uuid, p_ids uuid[], p_subjects text[],
    OUT o_key_id uuid, OUT o_subject text, OUT o_wrapped bytea, OUT o_master_key text
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT k.key_id, k.subject, k.wrapped, k.master_key FROM es.subject_key AS k
    WHERE k.tenant = p_log AND k.key_id = ANY (p_ids)
    UNION ALL
    SELECT k.key_id, k.subject, k.wrapped, k.master_key FROM es.subject_key AS k
    WHERE k.tenant = p_log AND k.subject = ANY (p_subjects);
END
$$;

-- Refuse new keys under a master key that is not entered as in use: after a rotation a node that
-- was not told of it would make keys that nobody can open. The rotation's end waits for this lock.
CREATE FUNCTION es.demand_master_key(p_master_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM es.installation WHERE p_master_key = ANY (master_keys) FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the master key % is not in use in this database', p_master_key
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION es.demand_master_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.demand_master_key(text) TO parley_node;

-- Make keys for those of the subjects that have none.
CREATE FUNCTION es.add_keys(
    p_log uuid, p_ids uuid[], p_subjects text[], p_wrapped bytea[], p_master_key text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    PERFORM es.demand_master_key(p_master_key);
    INSERT INTO es.subject_key (key_id, tenant, subject, wrapped, master_key)
    SELECT k.id, p_log, k.subject, k.wrapped, p_master_key
    FROM unnest(p_ids, p_subjects, p_wrapped) AS k (id, subject, wrapped)
    ON CONFLICT (tenant, subject) DO NOTHING;
END
$$;

-- Destroy a subject's key. A subject without one gets a destroyed one (p_key_id), so that none is
-- made later; the snapshots under the key go with it. For the owner: it cannot be undone, so no
-- connection that serves may do it.
CREATE FUNCTION es.destroy_key(p_log uuid, p_subject text, p_key_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no log %', p_log USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO es.subject_key (key_id, tenant, subject, wrapped, master_key, destroyed_at)
    VALUES (p_key_id, p_log, p_subject, NULL, '', clock_timestamp())
    ON CONFLICT (tenant, subject) DO UPDATE
    SET wrapped = NULL, destroyed_at = coalesce(subject_key.destroyed_at, clock_timestamp());
    DELETE FROM es.snapshot AS s USING es.subject_key AS k
    WHERE k.tenant = p_log AND k.subject = p_subject
        AND s.tenant = p_log AND s.key_id = k.key_id;
    UPDATE es.file AS f SET doomed = true, due_at = 0
    WHERE f.tenant = p_log AND f.subject = p_subject;
END
$$;
REVOKE ALL ON FUNCTION es.destroy_key(uuid, text, uuid) FROM PUBLIC;


-- -----------------------------------------------------------------------------------------------
-- What this installation is: the name of its history, and the master keys that its keys are under.

CREATE TABLE es.installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    -- 8 random bytes in hex, drawn anew when the server is another or was promoted or restored
    epoch text NOT NULL,
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    -- the fingerprints of the master keys that subject keys are wrapped under
    master_keys text[] NOT NULL DEFAULT '{}'
);

CREATE FUNCTION es.draw_epoch() RETURNS text
LANGUAGE sql VOLATILE
RETURN encode(
    substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) FROM 1 FOR 8),
    'hex'
);

-- The timeline that is written on. The control data names that of the last checkpoint, which after a
-- promotion may be a while away; what is being written knows it at once, but only outside recovery.
CREATE FUNCTION es.timeline() RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN (SELECT timeline_id FROM pg_control_checkpoint());
    END IF;
    RETURN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer;
END
$$;
REVOKE ALL ON FUNCTION es.timeline() FROM PUBLIC;

-- The name of this history. A promoted replica may reuse positions that were told to clients: its
-- timeline is another. A directory that was made anew has another system identifier.
CREATE FUNCTION es.epoch() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_system bigint;
    v_timeline CONSTANT integer := es.timeline();
    v_epoch text;
BEGIN
    IF NOT pg_is_in_recovery() THEN
        SELECT system_identifier INTO v_system FROM pg_control_system();
        UPDATE es.installation
        SET epoch = es.draw_epoch(), system_identifier = v_system, timeline = v_timeline
        WHERE (system_identifier, timeline) IS DISTINCT FROM (v_system, v_timeline);
    END IF;
    SELECT epoch INTO STRICT v_epoch FROM es.installation;
    RETURN v_epoch;
END
$$;
REVOKE ALL ON FUNCTION es.epoch() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.epoch() TO parley_node, parley_projector;

INSERT INTO es.installation (epoch, system_identifier, timeline)
SELECT es.draw_epoch(), system_identifier, es.timeline() FROM pg_control_system();


-- -----------------------------------------------------------------------------------------------
-- How far each projection has come in each log. Rows and checkpoint move in one transaction, and
-- the checkpoint by compare-and-set, which keeps a stale projector out. No foreign key to es.log: its
-- check would hold a lock on the log's row, and so the tenant's appends, until the commit.
CREATE TABLE es.checkpoint (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    -- the first bytes of the chain hash at position: which history it was
    mark bytea NOT NULL,
    PRIMARY KEY (projection, tenant)
);

SELECT es.protect('es.checkpoint');
GRANT SELECT ON es.checkpoint TO parley_node;
GRANT SELECT, INSERT, UPDATE, DELETE ON es.checkpoint TO parley_projector;


-- -----------------------------------------------------------------------------------------------
-- What the doors remember for every node: secrets that buy fresh tokens, and used nonces. Both as
-- SHA-256 digests only, and without foreign keys, as the checkpoints.

CREATE TABLE auth.renewal_secret (
    tenant uuid NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    subject text NOT NULL,
    created_at double precision NOT NULL,
    expires_at double precision NOT NULL,
    -- the digest of the secret that it was the successor of, and of the first in that line
    follows bytea,
    family bytea NOT NULL,
    used boolean NOT NULL DEFAULT false,
    -- when a successor was used, and the grace for other tabs is over
    retires_at double precision,
    PRIMARY KEY (tenant, digest)
);
CREATE INDEX renewal_secret_family ON auth.renewal_secret (tenant, family);
CREATE INDEX renewal_secret_subject ON auth.renewal_secret (tenant, role, subject);
CREATE INDEX renewal_secret_end ON auth.renewal_secret (least(expires_at, retires_at));

CREATE TABLE auth.nonce (
    tenant uuid NOT NULL,
    site text NOT NULL,
    digest bytea NOT NULL,
    expires_at double precision NOT NULL,
    PRIMARY KEY (tenant, site, digest)
);
CREATE INDEX nonce_end ON auth.nonce (expires_at);

SELECT es.protect('auth.renewal_secret');
SELECT es.protect('auth.nonce');
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.renewal_secret, auth.nonce TO parley_node;

-- What has bought nothing for a day, expired or retired, is cleared away, whosever it is and in small
-- portions, by everything that is added: more goes than comes, also of tenants that are at rest. It
-- goes by p_now, but never by a time that this server has not seen yet: a node with a wrong clock, or
-- a nonce that is to be kept for years, must not clear what is still good. SECURITY DEFINER, since it
-- is done for all tenants; it tells nothing of them.
CREATE FUNCTION auth.clear_expired(p_now double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_before CONSTANT double precision := least(p_now, extract(epoch FROM clock_timestamp())) - 86400;
BEGIN
    DELETE FROM auth.renewal_secret WHERE (tenant, digest) IN (
        SELECT tenant, digest FROM auth.renewal_secret
        WHERE least(expires_at, retires_at) < v_before
        ORDER BY least(expires_at, retires_at) LIMIT 20 FOR UPDATE SKIP LOCKED
    );
    DELETE FROM auth.nonce WHERE (tenant, site, digest) IN (
        SELECT tenant, site, digest FROM auth.nonce WHERE expires_at < v_before
        ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED
    );
END
$$;
REVOKE ALL ON FUNCTION auth.clear_expired(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.clear_expired(double precision) TO parley_node;

-- A successor of a secret that is gone is not taken: it was revoked in the meantime.
CREATE FUNCTION auth.add_secret(
    p_log uuid, p_digest bytea, p_role text, p_subject text, p_created_at double precision,
    p_expires_at double precision, p_successor_of bytea
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_family bytea := p_digest;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    IF p_successor_of IS NOT NULL THEN
        SELECT family INTO v_family FROM auth.renewal_secret
        WHERE tenant = p_log AND digest = p_successor_of FOR SHARE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO auth.renewal_secret (
        tenant, digest, role, subject, created_at, expires_at, follows, family
    )
    VALUES (
        p_log, p_digest, p_role, p_subject, p_created_at, p_expires_at, p_successor_of, v_family
    )
    ON CONFLICT DO NOTHING;
    PERFORM auth.clear_expired(p_created_at);
END
$$;

-- Whose secret this is, or no row. The first use of a successor retires those that it follows.
CREATE FUNCTION auth.use_secret(
    p_log uuid, p_digest bytea, p_now double precision, p_grace_s double precision,
    OUT o_role text, OUT o_subject text, OUT o_created_at double precision,
    OUT o_expires_at double precision
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    v_secret auth.renewal_secret;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    SELECT * INTO v_secret FROM auth.renewal_secret
    WHERE tenant = p_log AND digest = p_digest
        AND p_now < least(expires_at, coalesce(retires_at, 'infinity'));
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF NOT v_secret.used THEN
        UPDATE auth.renewal_secret SET used = true WHERE tenant = p_log AND digest = p_digest;
        WITH RECURSIVE earlier AS (
            SELECT v_secret.follows AS digest
            UNION
            SELECT s.follows FROM auth.renewal_secret AS s
            JOIN earlier AS e ON s.tenant = p_log AND s.digest = e.digest
        )
        UPDATE auth.renewal_secret AS s
        SET retires_at = least(coalesce(s.retires_at, 'infinity'), p_now + p_grace_s)
        FROM earlier AS e
        WHERE s.tenant = p_log AND s.digest = e.digest;
    END IF;
    o_role := v_secret.role;
    o_subject := v_secret.subject;
    o_created_at := v_secret.created_at;
    o_expires_at := v_secret.expires_at;
    RETURN NEXT;
END
$$;

CREATE FUNCTION auth.revoke_secret(p_log uuid, p_digest bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    DELETE FROM auth.renewal_secret WHERE tenant = p_log AND family = (
        SELECT family FROM auth.renewal_secret WHERE tenant = p_log AND digest = p_digest
    );
END
$$;

CREATE FUNCTION auth.revoke_subject(p_log uuid, p_role text, p_subject text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    DELETE FROM auth.renewal_secret
    WHERE tenant = p_log AND role = p_role AND subject = p_subject;
END
$$;

-- False when the nonce was used before.
CREATE FUNCTION auth.use_nonce(
    p_log uuid, p_site text, p_digest bytea, p_expires_at double precision
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_new boolean;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    INSERT INTO auth.nonce (tenant, site, digest, expires_at)
    VALUES (p_log, p_site, p_digest, p_expires_at) ON CONFLICT DO NOTHING;
    v_new := FOUND;
    PERFORM auth.clear_expired(p_expires_at);
    RETURN v_new;
END
$$;


-- -----------------------------------------------------------------------------------------------
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

-- Move checkpoints of one name, each by compare-and-set (0: there is none yet, or it stands at the
-- beginning); which have moved.
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
REVOKE ALL ON FUNCTION es.advance(text, uuid[], bigint[], bytea[], bigint[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.advance(text, uuid[], bigint[], bytea[], bigint[], bytea[])
TO parley_relay;

-- -----------------------------------------------------------------------------------------------
-- What is on its way out: rows that must outlive the read models. A follower of the log writes what is
-- due, those who send note what became of it. Queues only distribute it and may be emptied. Nothing
-- here is personal: what is sent is read from the log when it is sent. Times are seconds since 1970 by
-- the clocks of those who send. Without foreign keys, as the checkpoints.
CREATE SCHEMA work;
GRANT USAGE ON SCHEMA work TO parley_node, parley_projector;

-- How far deliveries have been made of each log. It stays when the follower's read model is thrown
-- away and folded again: what is at or before it is never made a second time.
CREATE TABLE work.webhook_followed (
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (tenant)
);

-- An event on its way to a webhook.
CREATE TABLE work.webhook_delivery (
    tenant uuid NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    since double precision NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    first_at double precision,
    last_at double precision,
    -- of the last attempt: the answer's HTTP status, or else a word for why there was none
    status integer,
    error text,
    -- when it was delivered, or given up
    settled_at double precision,
    PRIMARY KEY (tenant, webhook, position),
    CHECK ((state = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX webhook_delivery_waiting ON work.webhook_delivery (tenant, webhook, stream, position)
WHERE state = 'waiting';
CREATE INDEX webhook_delivery_dead ON work.webhook_delivery (tenant, webhook, position)
WHERE state = 'dead';
CREATE INDEX webhook_delivery_end ON work.webhook_delivery (state, settled_at);
CREATE INDEX webhook_delivery_position ON work.webhook_delivery (tenant, position);

-- The deliveries of one conversation to one webhook, which go one after the other: a row for as long
-- as something waits there. Whoever works on it holds the lease; due_at is then the lease's end.
CREATE TABLE work.webhook_line (
    tenant uuid NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    due_at double precision NOT NULL,
    lease uuid,
    PRIMARY KEY (tenant, webhook, stream)
);
CREATE INDEX webhook_line_due ON work.webhook_line (tenant, webhook, due_at);

SELECT es.protect('work.webhook_followed');
SELECT es.protect('work.webhook_delivery');
SELECT es.protect('work.webhook_line');
GRANT SELECT ON work.webhook_followed, work.webhook_delivery, work.webhook_line TO parley_node;
GRANT SELECT, INSERT, UPDATE, DELETE
ON work.webhook_followed, work.webhook_delivery, work.webhook_line TO parley_projector;


-- -----------------------------------------------------------------------------------------------
-- Analysts: whoever reads the documented views of schema analytics with SQL, each one tenant's.
--
-- parley_analyst  what every analyst's own login is a member of
--
-- Whose an analyst is stands in a table that only the owner writes, and is found by current_user. A
-- node names its tenant by a setting, which anybody may set: so that policy holds for nodes alone.
-- What the views read is granted with them, column by column (projections/analysts).

DO $$
BEGIN
    CREATE ROLE parley_analyst NOLOGIN NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

CREATE SCHEMA analytics;
GRANT USAGE ON SCHEMA analytics TO parley_analyst;

-- The logins, and the log that each may read. Roles belong to the whole server, these rows to a database.
CREATE TABLE analytics.analyst (
    role name PRIMARY KEY,
    log uuid NOT NULL,
    -- as the operator calls it, unique in its tenant
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (log, name)
);
ALTER TABLE analytics.analyst ENABLE ROW LEVEL SECURITY;
CREATE POLICY oneself ON analytics.analyst FOR SELECT TO parley_analyst USING (role = current_user);
GRANT SELECT (role, log) ON analytics.analyst TO parley_analyst;

-- The tenant of whoever asks; NULL, which equals nothing, for all who are no analysts.
CREATE FUNCTION analytics.tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT a.log FROM analytics.analyst AS a WHERE a.role = current_user);
REVOKE ALL ON FUNCTION analytics.tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.tenant() TO parley_analyst;

-- Up to which event of the log each projection's views speak.
CREATE FUNCTION analytics.positions(OUT projection text, OUT "position" bigint)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.projection, c.position
    FROM es.checkpoint AS c
    JOIN analytics.analyst AS a ON a.log = c.tenant
    WHERE a.role = session_user AND strpos(c.projection, '+') = 0
    ORDER BY c.projection
$$;
REVOKE ALL ON FUNCTION analytics.positions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.positions() TO parley_analyst;

-- Which statements made the views, so that a start that finds them as they are touches none.
CREATE TABLE analytics.made (checksum text NOT NULL);

-- -----------------------------------------------------------------------------------------------
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

-- -----------------------------------------------------------------------------------------------
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

-- -----------------------------------------------------------------------------------------------
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

-- -----------------------------------------------------------------------------------------------
-- States of long streams, so that nobody folds them from their first event again: a cache, and never
-- believed without a look at the log. Under the subject's key, and gone with it.
CREATE TABLE es.snapshot (
    tenant uuid NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    -- of the event at this version: of another history, another one
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- numbers the layout of the state
    form bigint NOT NULL,
    key_id uuid NOT NULL,
    -- format byte, nonce, AES-256-GCM ciphertext
    state bytea NOT NULL,
    PRIMARY KEY (tenant, stream)
);
CREATE INDEX snapshot_key ON es.snapshot (tenant, key_id);

-- Ciphertext does not compress: spare the attempt.
ALTER TABLE es.snapshot ALTER COLUMN state SET STORAGE EXTERNAL;

SELECT es.protect('es.snapshot');
GRANT SELECT, INSERT, UPDATE ON es.snapshot TO parley_node;

-- A stream's snapshot of this form, if the log has the event that it was made at.
CREATE FUNCTION es.find_snapshot(
    p_log uuid, p_stream text, p_form bigint,
    OUT o_version bigint, OUT o_hash bytea, OUT o_key_id uuid, OUT o_state bytea
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT s.version, s.hash, s.key_id, s.state FROM es.snapshot AS s
    WHERE s.tenant = p_log AND s.stream = p_stream AND s.form = p_form AND s.hash = (
        SELECT e.hash FROM es.event AS e
        WHERE e.tenant = p_log AND e.stream = p_stream AND e.version = s.version
    );
END
$$;

-- Keep a stream's snapshot in place of the one before. Under the log's lock, as erasures are: none
-- is written under a key that is destroyed, nor of an event that the log does not have.
CREATE FUNCTION es.keep_snapshot(
    p_log uuid, p_stream text, p_version bigint, p_hash bytea, p_form bigint, p_key_id uuid,
    p_state bytea
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    INSERT INTO es.snapshot AS s (tenant, stream, version, hash, form, key_id, state)
    SELECT p_log, e.stream, e.version, e.hash, p_form, k.key_id, p_state
    FROM es.event AS e
    JOIN es.subject_key AS k ON k.tenant = p_log AND k.key_id = p_key_id AND k.wrapped IS NOT NULL
    WHERE e.tenant = p_log AND e.stream = p_stream AND e.version = p_version AND e.hash = p_hash
    ON CONFLICT (tenant, stream) DO UPDATE
    SET version = excluded.version, hash = excluded.hash, form = excluded.form,
        key_id = excluded.key_id, state = excluded.state;
END
$$;

-- As in 0006, and the snapshots under the key go with it.
CREATE OR REPLACE FUNCTION es.destroy_key(p_log uuid, p_subject text, p_key_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no log %', p_log USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO es.subject_key (key_id, tenant, subject, wrapped, master_key, destroyed_at)
    VALUES (p_key_id, p_log, p_subject, NULL, '', clock_timestamp())
    ON CONFLICT (tenant, subject) DO UPDATE
    SET wrapped = NULL, destroyed_at = coalesce(subject_key.destroyed_at, clock_timestamp());
    DELETE FROM es.snapshot AS s USING es.subject_key AS k
    WHERE k.tenant = p_log AND k.subject = p_subject
        AND s.tenant = p_log AND s.key_id = k.key_id;
    UPDATE es.file AS f SET doomed = true, due_at = 0
    WHERE f.tenant = p_log AND f.subject = p_subject;
END
$$;

-- -----------------------------------------------------------------------------------------------
-- Which files there are, where their bytes lie, and what of them is to be removed. The bytes are in a
-- store of files, encrypted under the subject's key; the log says what a file is. Times are seconds
-- since 1970 by the clocks of those who serve. Nothing in clear is personal.
CREATE TABLE es.file (
    tenant uuid NOT NULL,
    file uuid NOT NULL,
    -- under whose key it is
    subject text NOT NULL,
    owner_role text NOT NULL,
    owner_id text NOT NULL,
    conversation uuid,
    size bigint NOT NULL CHECK (size > 0),
    chunk_bytes integer NOT NULL CHECK (chunk_bytes > 0),
    -- format byte, nonce, AES-256-GCM ciphertext
    name bytea NOT NULL,
    -- the tokens of the chunks that have arrived, in order, which are part of their names
    chunks text[] NOT NULL DEFAULT '{}',
    thumbnail text,
    -- the code for which it was refused, once it was looked at
    refused text,
    created_at double precision NOT NULL,
    -- when it is to be removed; none for one that is in the log
    due_at double precision,
    -- it is being removed: nobody finds it any more
    doomed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, file)
);
CREATE INDEX file_due ON es.file (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX file_owner ON es.file (tenant, owner_id, created_at);
CREATE INDEX file_subject ON es.file (tenant, subject);

SELECT es.protect('es.file');
GRANT SELECT, INSERT, UPDATE ON es.file TO parley_node;
GRANT SELECT, UPDATE, DELETE ON es.file TO parley_projector;

-- Enter a file that is to come, unless its owner has begun more than so many bytes since then; each
-- file counts as one chunk at least, so that there are not many of nearly nothing. One at a time for
-- an owner, so that many at once are no more than one after the other.
CREATE FUNCTION es.begin_file(
    p_log uuid, p_file uuid, p_subject text, p_role text, p_owner text, p_conversation uuid,
    p_size bigint, p_chunk_bytes integer, p_name bytea, p_created_at double precision,
    p_due_at double precision, p_since double precision, p_most bigint
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.file ' || p_log || p_owner, 0));
    IF greatest(p_size, p_chunk_bytes) + coalesce((
        SELECT sum(greatest(f.size, f.chunk_bytes)) FROM es.file AS f
        WHERE f.tenant = p_log AND f.owner_id = p_owner AND f.created_at > p_since
    ), 0) > p_most THEN
        RETURN false;
    END IF;
    INSERT INTO es.file (
        tenant, file, subject, owner_role, owner_id, conversation, size, chunk_bytes, name,
        created_at, due_at
    ) VALUES (
        p_log, p_file, p_subject, p_role, p_owner, p_conversation, p_size, p_chunk_bytes, p_name,
        p_created_at, p_due_at
    );
    RETURN true;
END
$$;

CREATE FUNCTION es.find_file(
    p_log uuid, p_file uuid,
    OUT o_subject text, OUT o_role text, OUT o_owner text, OUT o_conversation uuid,
    OUT o_size bigint, OUT o_chunk_bytes integer, OUT o_name bytea,
    OUT o_created_at double precision, OUT o_due_at double precision, OUT o_chunks text[],
    OUT o_thumbnail text, OUT o_refused text
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT f.subject, f.owner_role, f.owner_id, f.conversation, f.size, f.chunk_bytes, f.name,
        f.created_at, f.due_at, f.chunks, f.thumbnail, f.refused
    FROM es.file AS f WHERE f.tenant = p_log AND f.file = p_file AND NOT f.doomed;
END
$$;

-- A chunk has arrived, unless it is not the next any more.
CREATE FUNCTION es.add_chunk(
    p_log uuid, p_file uuid, p_number integer, p_token text, p_due_at double precision
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    UPDATE es.file AS f SET chunks = f.chunks || p_token, due_at = p_due_at
    WHERE f.tenant = p_log AND f.file = p_file AND NOT f.doomed
        AND f.due_at IS NOT NULL AND cardinality(f.chunks) = p_number;
    RETURN FOUND;
END
$$;

-- What became of a file that has arrived. One that is in the log stays so.
CREATE FUNCTION es.note_file(
    p_log uuid, p_file uuid, p_due_at double precision, p_thumbnail text, p_refused text
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    UPDATE es.file AS f
    SET due_at = CASE WHEN f.due_at IS NULL THEN NULL ELSE p_due_at END,
        thumbnail = coalesce(p_thumbnail, f.thumbnail), refused = coalesce(p_refused, f.refused)
    WHERE f.tenant = p_log AND f.file = p_file AND NOT f.doomed;
    RETURN FOUND;
END
$$;

CREATE FUNCTION es.doom_file(p_log uuid, p_file uuid, p_until double precision) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    UPDATE es.file AS f SET doomed = true, due_at = p_until
    WHERE f.tenant = p_log AND f.file = p_file AND f.due_at IS NOT NULL;
END
$$;

-- Take files that are due to be removed, for as long as until then. One that is in the log although
-- it is due was entered by a node that then died: it stays.
CREATE FUNCTION es.claim_files(
    p_now double precision, p_until double precision, p_limit integer,
    OUT o_tenant uuid, OUT o_file uuid
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE es.file AS f SET due_at = NULL
    WHERE f.due_at <= p_now AND NOT f.doomed AND EXISTS (
        SELECT FROM es.event AS e
        WHERE e.tenant = f.tenant AND e.stream = 'file-' || f.file AND e.version = 1
    );
    RETURN QUERY
    UPDATE es.file AS f SET doomed = true, due_at = p_until
    WHERE (f.tenant, f.file) IN (
        SELECT d.tenant, d.file FROM es.file AS d WHERE d.due_at <= p_now
        ORDER BY d.due_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    )
    RETURNING f.tenant, f.file;
END
$$;
REVOKE ALL ON FUNCTION es.claim_files(double precision, double precision, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.claim_files(double precision, double precision, integer)
TO parley_projector;

-- -----------------------------------------------------------------------------------------------
-- The reads of a page, a moment and a snapshot are look-ups in one index each, whatever is asked for:
-- one plan fits all. Left to itself PostgreSQL may find the plan for one call's numbers a little
-- cheaper than the general one, and then plans anew at each call, which takes longer than the page.
ALTER FUNCTION es.read_log(uuid, bigint, integer, bigint)
SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION es.read_stream(uuid, text, bigint, integer, bigint)
SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION es.moment(uuid, bigint, bigint, text)
SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION es.find_snapshot(uuid, text, bigint)
SET plan_cache_mode = force_generic_plan;

-- -----------------------------------------------------------------------------------------------
-- Advisory locks share out the work: shards, rebuilds, history in bulk. PostgreSQL lets everybody take
-- them, an analyst too, who could so keep a projector from its logs for as long as it likes. Only the
-- product may from now on, where the owner may say so: the functions are the superuser's.

DO $$
DECLARE
    v_function regprocedure;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    FOR v_function IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', v_function);
        EXECUTE format(
            'GRANT EXECUTE ON FUNCTION %s'
            ' TO pg_database_owner, parley_node, parley_projector, parley_relay',
            v_function
        );
    END LOOP;
END
$$;
