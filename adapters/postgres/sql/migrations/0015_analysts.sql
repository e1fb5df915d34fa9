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

CREATE OR REPLACE FUNCTION es.protect(p_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s TO parley_node USING (tenant = (SELECT es.tenant()))',
        p_table
    );
    EXECUTE format('CREATE POLICY projector ON %s TO parley_projector USING (true)', p_table);
END
$$;

DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN SELECT polrelid FROM pg_policy WHERE polname = 'own_tenant' LOOP
        EXECUTE format('ALTER POLICY own_tenant ON %s TO parley_node', v_table);
    END LOOP;
END
$$;
