-- Subject keys are made and destroyed only under the log's lock, and an append checks them under
-- it: so no event that was acked is ever under a lost key.

CREATE FUNCTION es.keys(
    p_log uuid, p_ids uuid[], p_subjects text[],
    OUT o_key_id uuid, OUT o_subject text, OUT o_wrapped bytea, OUT o_master_key text
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    RETURN QUERY
    SELECT k.key_id, k.subject, k.wrapped, k.master_key FROM es.subject_key AS k
    WHERE k.tenant = p_log AND k.key_id = ANY (p_ids)
    UNION ALL
    SELECT k.key_id, k.subject, k.wrapped, k.master_key FROM es.subject_key AS k
    WHERE k.tenant = p_log AND k.subject = ANY (p_subjects);
END
$$;

-- Refuse new keys under a master key that is not entered as in use: after a rotation a node that
-- was not told of it would make keys that nobody can open. The rotation's end waits for this lock.
CREATE FUNCTION es.demand_master_key(p_master_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM es.installation WHERE p_master_key = ANY (master_keys) FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the master key % is not in use in this database', p_master_key
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION es.demand_master_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION es.demand_master_key(text) TO parley_node;

-- Make keys for those of the subjects that have none.
CREATE FUNCTION es.add_keys(
    p_log uuid, p_ids uuid[], p_subjects text[], p_wrapped bytea[], p_master_key text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    PERFORM FROM es.log WHERE id = p_log FOR UPDATE;
    PERFORM es.demand_master_key(p_master_key);
    INSERT INTO es.subject_key (key_id, tenant, subject, wrapped, master_key)
    SELECT k.id, p_log, k.subject, k.wrapped, p_master_key
    FROM unnest(p_ids, p_subjects, p_wrapped) AS k (id, subject, wrapped)
    ON CONFLICT (tenant, subject) DO NOTHING;
END
$$;

-- Destroy a subject's key. A subject without one gets a destroyed one (p_key_id), so that none is
-- made later. For the owner: it cannot be undone, so no connection that serves may do it.
CREATE FUNCTION es.destroy_key(p_log uuid, p_subject text, p_key_id uuid) RETURNS void
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
END
$$;
REVOKE ALL ON FUNCTION es.destroy_key(uuid, text, uuid) FROM PUBLIC;
