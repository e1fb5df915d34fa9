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

-- Put a table with a column `tenant` under row-level security: a node sees and writes its tenant's
-- rows, a projector all. Rights are granted by the caller.
CREATE FUNCTION es.protect(p_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s USING (tenant = (SELECT es.tenant()))', p_table
    );
    EXECUTE format('CREATE POLICY projector ON %s TO parley_projector USING (true)', p_table);
END
$$;
REVOKE ALL ON FUNCTION es.protect(regclass) FROM PUBLIC;
