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
