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
CREATE POLICY own_tenant ON es.log USING (id = (SELECT es.tenant()));
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
