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

-- The name of this history. A promoted replica may reuse positions that were told to clients, and
-- a copied directory goes its own way; both show in the control data.
CREATE FUNCTION es.epoch() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_system bigint;
    v_timeline integer;
    v_epoch text;
BEGIN
    SELECT s.system_identifier, c.timeline_id INTO v_system, v_timeline
    FROM pg_control_system() AS s, pg_control_checkpoint() AS c;
    IF NOT pg_is_in_recovery() THEN
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
SELECT es.draw_epoch(), s.system_identifier, c.timeline_id
FROM pg_control_system() AS s, pg_control_checkpoint() AS c;
