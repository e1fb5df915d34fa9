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

CREATE OR REPLACE FUNCTION es.protect(p_table regclass) RETURNS void
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

DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN
        SELECT polrelid FROM pg_policy
        WHERE polname = 'own_tenant' AND polrelid <> 'es.log'::regclass  -- whose tenant is a name
    LOOP
        PERFORM es.plan_alike(v_table);
    END LOOP;
END
$$;
