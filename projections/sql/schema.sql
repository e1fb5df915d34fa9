-- The schema of the read models. Everything in it can be thrown away and rebuilt from the log.
-- Run by the owner at every start: hence a lock, so that two starting processes take turns.
SELECT pg_advisory_xact_lock(hashtextextended('parley.rm', 0));

CREATE SCHEMA IF NOT EXISTS rm;
GRANT USAGE ON SCHEMA rm TO parley_node, parley_projector;

-- Put a read model's table under row-level security and give each role its rights.
CREATE OR REPLACE FUNCTION rm.guard(p_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = p_table) THEN
        PERFORM es.protect(p_table);
        EXECUTE format('GRANT SELECT ON %s TO parley_node', p_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO parley_projector', p_table);
    END IF;
    -- It grants nothing: what analysts may read is granted with their views.
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = p_table AND polname = 'analyst') THEN
        EXECUTE format(
            'CREATE POLICY analyst ON %s FOR SELECT TO parley_analyst'
            ' USING (tenant = (SELECT analytics.tenant()))',
            p_table
        );
    END IF;
END
$$;
REVOKE ALL ON FUNCTION rm.guard(regclass) FROM PUBLIC;

-- Events that a projection could not fold and stepped over. Nothing of their content stands here.
CREATE TABLE IF NOT EXISTS rm.parked (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    event_id uuid,
    -- the kind of failure and where in the program it came up
    error text NOT NULL,
    parked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, projection, position)
);
SELECT rm.guard('rm.parked');

-- The generations beside the live one: what is built anew, and what was live before. Same tables.
CREATE SCHEMA IF NOT EXISTS rm_next;
CREATE SCHEMA IF NOT EXISTS rm_old;
GRANT USAGE ON SCHEMA rm_next, rm_old TO parley_node, parley_projector;

-- What operators want of projections, by name. Without a row: nothing.
CREATE TABLE IF NOT EXISTS rm.projection (
    name text PRIMARY KEY,
    paused_at timestamptz,
    -- how often other tables became the live ones
    generations bigint NOT NULL DEFAULT 0
);
GRANT SELECT ON rm.projection TO parley_projector;

-- Why a projection does not get on in a log, as its projector last said.
CREATE TABLE IF NOT EXISTS rm.trouble (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (tenant, projection)
);
SELECT rm.guard('rm.trouble');

-- Rebuilds that are under way, or were cut off: by whom, and how fast they last were.
CREATE TABLE IF NOT EXISTS rm.build (
    name text PRIMARY KEY,
    builder text NOT NULL,
    begun_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    per_second double precision NOT NULL
);

-- Which tables belong to which read model: also to those that a later program has no more.
CREATE TABLE IF NOT EXISTS rm.model (
    -- name and version
    identifier text PRIMARY KEY,
    owned text[] NOT NULL
);

-- The agents' first version was made before anybody noted that; so it can be dropped like others.
INSERT INTO rm.model (identifier, owned)
SELECT 'agents.1', ARRAY['agent_1'] WHERE to_regclass('rm.agent_1') IS NOT NULL
ON CONFLICT DO NOTHING;

-- The last erasure in each log that a live projection has folded since one of its other generations was
-- made, by that one's identifier.
CREATE TABLE IF NOT EXISTS rm.erasure (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (tenant, projection)
);
SELECT rm.guard('rm.erasure');

-- Other rows became the live ones: whoever keeps rows of those before loads anew.
CREATE OR REPLACE FUNCTION rm.count_generation(p_identifier text) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO rm.projection AS p (name, generations)
    VALUES (regexp_replace(p_identifier, '[.][0-9]+$', ''), 1)
    ON CONFLICT (name) DO UPDATE SET generations = p.generations + 1
$$;
REVOKE ALL ON FUNCTION rm.count_generation(text) FROM PUBLIC;

-- Make a generation (its schema and the suffix of its checkpoints) the live one, and the live one the
-- old one; what was old goes. Whoever reads waits from the first lock to the commit, so all is done in
-- one call, and p_locks_ms is how long the locks together may take to come. The caller holds the live
-- checkpoints' rows. It fails by lock_not_available where others are in the way: try again.
CREATE OR REPLACE FUNCTION rm.switch(
    p_identifier text, p_owned text[], p_schema text, p_suffix text, p_locks_ms integer
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_table text;
    v_way text[];
    v_noted text;
BEGIN
    PERFORM set_config('lock_timeout', greatest(1, p_locks_ms / cardinality(p_owned)) || 'ms', true);
    FOREACH v_table IN ARRAY p_owned LOOP
        IF to_regclass('rm.' || v_table) IS NOT NULL THEN
            EXECUTE format('LOCK TABLE rm.%I IN ACCESS EXCLUSIVE MODE', v_table);
        END IF;
    END LOOP;
    -- Nobody goes on in the tables now; a log that has just begun there may be further, though.
    IF EXISTS (
        SELECT FROM es.checkpoint AS live
        LEFT JOIN es.checkpoint AS raised
            ON raised.projection = p_identifier || p_suffix AND raised.tenant = live.tenant
        WHERE live.projection = p_identifier AND live.position > coalesce(raised.position, 0)
    ) THEN
        RAISE EXCEPTION 'the live tables have gone on' USING ERRCODE = 'lock_not_available';
    END IF;
    CREATE SCHEMA rm_swap;
    FOREACH v_table IN ARRAY p_owned LOOP
        IF p_schema <> 'rm_old' THEN
            EXECUTE format('DROP TABLE IF EXISTS rm_old.%I', v_table);
        END IF;
        EXECUTE format('ALTER TABLE IF EXISTS rm.%I SET SCHEMA rm_swap', v_table);
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA rm', p_schema, v_table);
        EXECUTE format('ALTER TABLE IF EXISTS rm_swap.%I SET SCHEMA rm_old', v_table);
    END LOOP;
    DROP SCHEMA rm_swap;
    -- Checkpoints and parked events go with their tables.
    FOREACH v_noted IN ARRAY ARRAY['es.checkpoint', 'rm.parked'] LOOP
        IF p_schema <> 'rm_old' THEN
            EXECUTE format('DELETE FROM %s WHERE projection = $1', v_noted)
                USING p_identifier || '+old';
        END IF;
        FOREACH v_way SLICE 1 IN ARRAY ARRAY[
            ['', '+swap'], [p_suffix, ''], ['+swap', '+old']
        ] LOOP
            EXECUTE format('UPDATE %s SET projection = $2 WHERE projection = $1', v_noted)
                USING p_identifier || v_way[1], p_identifier || v_way[2];
        END LOOP;
    END LOOP;
    DELETE FROM rm.erasure WHERE projection IN (p_identifier || '+old', p_identifier || p_suffix);
    PERFORM rm.count_generation(p_identifier);
END
$$;
REVOKE ALL ON FUNCTION rm.switch(text, text[], text, text, integer) FROM PUBLIC;

-- Whether a generation has not folded what was erased since it was made.
CREATE OR REPLACE FUNCTION rm.keeps_erased(p_projection text) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM rm.erasure AS e
        JOIN es.checkpoint AS c ON c.tenant = e.tenant AND c.projection = e.projection
        WHERE e.projection = p_projection AND c.position < e.position
    )
$$;
REVOKE ALL ON FUNCTION rm.keeps_erased(text) FROM PUBLIC;

-- Throw away such generations, unless somebody is at them: a build or an undo folds the erasure itself,
-- or leaves the lock. Called now and then by projectors, who own no tables. Tells which.
CREATE OR REPLACE FUNCTION rm.forget_erased() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    v_each record;
    v_table text;
    v_noted text;
BEGIN
    FOR v_each IN
        SELECT DISTINCT e.projection, m.owned, b.schema,
            regexp_replace(m.identifier, '[.][0-9]+$', '') AS name
        FROM rm.erasure AS e
        CROSS JOIN (VALUES ('rm_next', '+next'), ('rm_old', '+old')) AS b (schema, suffix)
        JOIN rm.model AS m ON e.projection = m.identifier || b.suffix
    LOOP
        CONTINUE WHEN NOT rm.keeps_erased(v_each.projection);
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(
            hashtextextended('parley.build.' || v_each.name, 0)
        );
        -- Whoever had the lock until just now may have folded it, or switched.
        CONTINUE WHEN NOT rm.keeps_erased(v_each.projection);
        BEGIN
            FOREACH v_table IN ARRAY v_each.owned LOOP
                EXECUTE format('DROP TABLE IF EXISTS %I.%I', v_each.schema, v_table);
            END LOOP;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            CONTINUE;  -- a worker that was left alone ends its page: the next time
        END;
        FOREACH v_noted IN ARRAY ARRAY['es.checkpoint', 'rm.parked', 'rm.trouble', 'rm.erasure'] LOOP
            EXECUTE format('DELETE FROM %s WHERE projection = $1', v_noted) USING v_each.projection;
        END LOOP;
        IF v_each.schema = 'rm_next' THEN
            DELETE FROM rm.build WHERE name = v_each.name;
        END IF;
        RETURN NEXT v_each.projection;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION rm.forget_erased() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rm.forget_erased() TO parley_projector;
