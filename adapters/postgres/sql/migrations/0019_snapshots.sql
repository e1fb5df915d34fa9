-- States of long streams, so that nobody folds them from their first event again: a cache, and never
-- believed without a look at the log. Under the subject's key, and gone with it.
CREATE TABLE es.snapshot (
    tenant uuid NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    -- of the event at this version: of another history, another one
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- numbers the layout of the state
    form bigint NOT NULL,
    key_id uuid NOT NULL,
    -- format byte, nonce, AES-256-GCM ciphertext
    state bytea NOT NULL,
    PRIMARY KEY (tenant, stream)
);
CREATE INDEX snapshot_key ON es.snapshot (tenant, key_id);

-- Ciphertext does not compress: spare the attempt.
ALTER TABLE es.snapshot ALTER COLUMN state SET STORAGE EXTERNAL;

SELECT es.protect('es.snapshot');
GRANT SELECT, INSERT, UPDATE ON es.snapshot TO parley_node;

-- A stream's snapshot of this form, if the log has the event that it was made at.
CREATE FUNCTION es.find_snapshot(
    p_log uuid, p_stream text, p_form bigint,
    OUT o_version bigint, OUT o_hash bytea, OUT o_key_id uuid, OUT o_state bytea
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT s.version, s.hash, s.key_id, s.state FROM es.snapshot AS s
    WHERE s.tenant = p_log AND s.stream = p_stream AND s.form = p_form AND s.hash = (
        SELECT e.hash FROM es.event AS e
        WHERE e.tenant = p_log AND e.stream = p_stream AND e.version = s.version
    );
END
$$;

-- Keep a stream's snapshot in place of the one before. Under the log's lock, as erasures are: none
-- is written under a key that is destroyed, nor of an event that the log does not have.
CREATE FUNCTION es.keep_snapshot(
    p_log uuid, p_stream text, p_version bigint, p_hash bytea, p_form bigint, p_key_id uuid,
    p_state bytea
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    INSERT INTO es.snapshot AS s (tenant, stream, version, hash, form, key_id, state)
    SELECT p_log, e.stream, e.version, e.hash, p_form, k.key_id, p_state
    FROM es.event AS e
    JOIN es.subject_key AS k ON k.tenant = p_log AND k.key_id = p_key_id AND k.wrapped IS NOT NULL
    WHERE e.tenant = p_log AND e.stream = p_stream AND e.version = p_version AND e.hash = p_hash
    ON CONFLICT (tenant, stream) DO UPDATE
    SET version = excluded.version, hash = excluded.hash, form = excluded.form,
        key_id = excluded.key_id, state = excluded.state;
END
$$;

-- As in 0006, and the snapshots under the key go with it.
CREATE OR REPLACE FUNCTION es.destroy_key(p_log uuid, p_subject text, p_key_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no log %', p_log USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO es.subject_key (key_id, tenant, subject, wrapped, master_key, destroyed_at)
    VALUES (p_key_id, p_log, p_subject, NULL, '', clock_timestamp())
    ON CONFLICT (tenant, subject) DO UPDATE
    SET wrapped = NULL, destroyed_at = coalesce(subject_key.destroyed_at, clock_timestamp());
    DELETE FROM es.snapshot AS s USING es.subject_key AS k
    WHERE k.tenant = p_log AND k.subject = p_subject
        AND s.tenant = p_log AND s.key_id = k.key_id;
END
$$;
