-- A login that is no superuser has made the roles, and may hand them on; since PostgreSQL 16 it may
-- not take them by that alone.

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['parley_node', 'parley_projector', 'parley_relay'] LOOP
        IF current_setting('server_version_num')::integer >= 160000
            AND NOT pg_has_role(current_user, v_role, 'SET')
        THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', v_role);
        END IF;
    END LOOP;
END
$$;
