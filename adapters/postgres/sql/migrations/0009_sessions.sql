-- What the doors remember for every node: secrets that buy fresh tokens, and used nonces. Both as
-- SHA-256 digests only, and without foreign keys, as the checkpoints.

CREATE TABLE auth.renewal_secret (
    tenant uuid NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    subject text NOT NULL,
    created_at double precision NOT NULL,
    expires_at double precision NOT NULL,
    -- the digest of the secret that it was the successor of, and of the first in that line
    follows bytea,
    family bytea NOT NULL,
    used boolean NOT NULL DEFAULT false,
    -- when a successor was used, and the grace for other tabs is over
    retires_at double precision,
    PRIMARY KEY (tenant, digest)
);
CREATE INDEX renewal_secret_family ON auth.renewal_secret (tenant, family);
CREATE INDEX renewal_secret_subject ON auth.renewal_secret (tenant, role, subject);
CREATE INDEX renewal_secret_end ON auth.renewal_secret (least(expires_at, retires_at));

CREATE TABLE auth.nonce (
    tenant uuid NOT NULL,
    site text NOT NULL,
    digest bytea NOT NULL,
    expires_at double precision NOT NULL,
    PRIMARY KEY (tenant, site, digest)
);
CREATE INDEX nonce_end ON auth.nonce (expires_at);

SELECT es.protect('auth.renewal_secret');
SELECT es.protect('auth.nonce');
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.renewal_secret, auth.nonce TO parley_node;

-- What has bought nothing for a day, expired or retired, is cleared away, whosever it is and in small
-- portions, by everything that is added: more goes than comes, also of tenants that are at rest. It
-- goes by p_now, but never by a time that this server has not seen yet: a node with a wrong clock, or
-- a nonce that is to be kept for years, must not clear what is still good. SECURITY DEFINER, since it
-- is done for all tenants; it tells nothing of them.
CREATE FUNCTION auth.clear_expired(p_now double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_before CONSTANT double precision := least(p_now, extract(epoch FROM clock_timestamp())) - 86400;
BEGIN
    DELETE FROM auth.renewal_secret WHERE (tenant, digest) IN (
        SELECT tenant, digest FROM auth.renewal_secret
        WHERE least(expires_at, retires_at) < v_before
        ORDER BY least(expires_at, retires_at) LIMIT 20 FOR UPDATE SKIP LOCKED
    );
    DELETE FROM auth.nonce WHERE (tenant, site, digest) IN (
        SELECT tenant, site, digest FROM auth.nonce WHERE expires_at < v_before
        ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED
    );
END
$$;
REVOKE ALL ON FUNCTION auth.clear_expired(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.clear_expired(double precision) TO parley_node;

-- A successor of a secret that is gone is not taken: it was revoked in the meantime.
CREATE FUNCTION auth.add_secret(
    p_log uuid, p_digest bytea, p_role text, p_subject text, p_created_at double precision,
    p_expires_at double precision, p_successor_of bytea
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_family bytea := p_digest;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    IF p_successor_of IS NOT NULL THEN
        SELECT family INTO v_family FROM auth.renewal_secret
        WHERE tenant = p_log AND digest = p_successor_of FOR SHARE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO auth.renewal_secret (
        tenant, digest, role, subject, created_at, expires_at, follows, family
    )
    VALUES (
        p_log, p_digest, p_role, p_subject, p_created_at, p_expires_at, p_successor_of, v_family
    )
    ON CONFLICT DO NOTHING;
    PERFORM auth.clear_expired(p_created_at);
END
$$;

-- Whose secret this is, or no row. The first use of a successor retires those that it follows.
CREATE FUNCTION auth.use_secret(
    p_log uuid, p_digest bytea, p_now double precision, p_grace_s double precision,
    OUT o_role text, OUT o_subject text, OUT o_created_at double precision,
    OUT o_expires_at double precision
) RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
    v_secret auth.renewal_secret;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    SELECT * INTO v_secret FROM auth.renewal_secret
    WHERE tenant = p_log AND digest = p_digest
        AND p_now < least(expires_at, coalesce(retires_at, 'infinity'));
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF NOT v_secret.used THEN
        UPDATE auth.renewal_secret SET used = true WHERE tenant = p_log AND digest = p_digest;
        WITH RECURSIVE earlier AS (
            SELECT v_secret.follows AS digest
            UNION
            SELECT s.follows FROM auth.renewal_secret AS s
            JOIN earlier AS e ON s.tenant = p_log AND s.digest = e.digest
        )
        UPDATE auth.renewal_secret AS s
        SET retires_at = least(coalesce(s.retires_at, 'infinity'), p_now + p_grace_s)
        FROM earlier AS e
        WHERE s.tenant = p_log AND s.digest = e.digest;
    END IF;
    o_role := v_secret.role;
    o_subject := v_secret.subject;
    o_created_at := v_secret.created_at;
    o_expires_at := v_secret.expires_at;
    RETURN NEXT;
END
$$;

CREATE FUNCTION auth.revoke_secret(p_log uuid, p_digest bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    DELETE FROM auth.renewal_secret WHERE tenant = p_log AND family = (
        SELECT family FROM auth.renewal_secret WHERE tenant = p_log AND digest = p_digest
    );
END
$$;

CREATE FUNCTION auth.revoke_subject(p_log uuid, p_role text, p_subject text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    DELETE FROM auth.renewal_secret
    WHERE tenant = p_log AND role = p_role AND subject = p_subject;
END
$$;

-- False when the nonce was used before.
CREATE FUNCTION auth.use_nonce(
    p_log uuid, p_site text, p_digest bytea, p_expires_at double precision
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_new boolean;
BEGIN
    PERFORM set_config('app.tenant', p_log::text, true);
    INSERT INTO auth.nonce (tenant, site, digest, expires_at)
    VALUES (p_log, p_site, p_digest, p_expires_at) ON CONFLICT DO NOTHING;
    v_new := FOUND;
    PERFORM auth.clear_expired(p_expires_at);
    RETURN v_new;
END
$$;
