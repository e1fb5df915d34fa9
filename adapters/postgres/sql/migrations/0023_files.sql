-- Which files there are, where their bytes lie, and what of them is to be removed. The bytes are in a
-- store of files, encrypted under the subject's key; the log says what a file is. Times are seconds
-- since 1970 by the clocks of those who serve. Nothing in clear is personal.
CREATE TABLE es.file (
    tenant uuid NOT NULL,
    file uuid NOT NULL,
    -- under whose key it is
    subject text NOT NULL,
    owner_role text NOT NULL,
    owner_id text NOT NULL,
    conversation uuid,
    size bigint NOT NULL CHECK (size > 0),
    chunk_bytes integer NOT NULL CHECK (chunk_bytes > 0),
    -- format byte, nonce, AES-256-GCM ciphertext
    name bytea NOT NULL,
    -- the tokens of the chunks that have arrived, in order, which are part of their names
    chunks text[] NOT NULL DEFAULT '{}',
    thumbnail text,
    -- the code for which it was refused, once it was looked at
    refused text,
    created_at double precision NOT NULL,
    -- when it is to be removed; none for one that is in the log
    due_at double precision,
    -- it is being removed: nobody finds it any more
    doomed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, file)
);
CREATE INDEX file_due ON es.file (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX file_owner ON es.file (tenant, owner_id, created_at);
CREATE INDEX file_subject ON es.file (tenant, subject);

SELECT es.protect('es.file');
GRANT SELECT, INSERT, UPDATE ON es.file TO parley_node;
GRANT SELECT, UPDATE, DELETE ON es.file TO parley_projector;

-- Enter a file that is to come, unless its owner has begun more than so many bytes since then; each
-- file counts as one chunk at least, so that there are not many of nearly nothing. One at a time for
-- an owner, so that many at once are no more than one after the other.
CREATE FUNCTION es.begin_file(
    p_log uuid, p_file uuid, p_subject text, p_role text, p_owner text, p_conversation uuid,
    p_size bigint, p_chunk_bytes integer, p_name bytea, p_created_at double precision,
    p_due_at double precision, p_since double precision, p_most bigint
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM pg_advisory_xact_lock(hashtextextended('parley.file ' || p_log || p_owner, 0));
    IF greatest(p_size, p_chunk_bytes) + coalesce((
        SELECT sum(greatest(f.size, f.chunk_bytes)) FROM es.file AS f
        WHERE f.tenant = p_log AND f.owner_id = p_owner AND f.created_at > p_since
    ), 0) > p_most THEN
        RETURN false;
    END IF;
    INSERT INTO es.file (
        tenant, file, subject, owner_role, owner_id, conversation, size, chunk_bytes, name,
        created_at, due_at
    ) VALUES (
        p_log, p_file, p_subject, p_role, p_owner, p_conversation, p_size, p_chunk_bytes, p_name,
        p_created_at, p_due_at
    );
    RETURN true;
END
$$;

CREATE FUNCTION es.find_file(
    p_log uuid, p_file uuid,
    OUT o_subject text, OUT o_role text, OUT o_owner text, OUT o_conversation uuid,
    OUT o_size bigint, OUT o_chunk_bytes integer, OUT o_name bytea,
    OUT o_created_at double precision, OUT o_due_at double precision, OUT o_chunks text[],
    OUT o_thumbnail text, OUT o_refused text
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT f.subject, f.owner_role, f.owner_id, f.conversation, f.size, f.chunk_bytes, f.name,
        f.created_at, f.due_at, f.chunks, f.thumbnail, f.refused
    FROM es.file AS f WHERE f.tenant = p_log AND f.file = p_file AND NOT f.doomed;
END
$$;

-- A chunk has arrived, unless it is not the next any more.
CREATE FUNCTION es.add_chunk(
    p_log uuid, p_file uuid, p_number integer, p_token text, p_due_at double precision
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    UPDATE es.file AS f SET chunks = f.chunks || p_token, due_at = p_due_at
    WHERE f.tenant = p_log AND f.file = p_file AND NOT f.doomed
        AND f.due_at IS NOT NULL AND cardinality(f.chunks) = p_number;
    RETURN FOUND;
END
$$;

-- What became of a file that has arrived. One that is in the log stays so.
CREATE FUNCTION es.note_file(
    p_log uuid, p_file uuid, p_due_at double precision, p_thumbnail text, p_refused text
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    UPDATE es.file AS f
    SET due_at = CASE WHEN f.due_at IS NULL THEN NULL ELSE p_due_at END,
        thumbnail = coalesce(p_thumbnail, f.thumbnail), refused = coalesce(p_refused, f.refused)
    WHERE f.tenant = p_log AND f.file = p_file AND NOT f.doomed;
    RETURN FOUND;
END
$$;

CREATE FUNCTION es.doom_file(p_log uuid, p_file uuid, p_until double precision) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    UPDATE es.file AS f SET doomed = true, due_at = p_until
    WHERE f.tenant = p_log AND f.file = p_file AND f.due_at IS NOT NULL;
END
$$;

-- Take files that are due to be removed, for as long as until then. One that is in the log although
-- it is due was entered by a node that then died: it stays.
CREATE FUNCTION es.claim_files(
    p_now double precision, p_until double precision, p_limit integer,
    OUT o_tenant uuid, OUT o_file uuid
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE es.file AS f SET due_at = NULL
    WHERE f.due_at <= p_now AND NOT f.doomed AND EXISTS (
        SELECT FROM es.event AS e
        WHERE e.tenant = f.tenant AND e.stream = 'file-' || f.file AND e.version = 1
    );
    RETURN QUERY
    UPDATE es.file AS f SET doomed = true, due_at = p_until
    WHERE (f.tenant, f.file) IN (
        SELECT d.tenant, d.file FROM es.file AS d WHERE d.due_at <= p_now
        ORDER BY d.due_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    )
    RETURNING f.tenant, f.file;
END
$$;
REVOKE ALL ON FUNCTION es.claim_files(double precision, double precision, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.claim_files(double precision, double precision, integer)
TO parley_projector;

-- As in 0019, and the files under the key are to be removed too.
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
    UPDATE es.file AS f SET doomed = true, due_at = 0
    WHERE f.tenant = p_log AND f.subject = p_subject;
END
$$;
