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
