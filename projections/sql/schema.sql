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
