-- The hash chain, to the byte that of domain/chain.py. The golden vectors hold both.
-- STABLE, because convert_to is, lets the planner put the bodies in place of the calls.

-- Microseconds since 1970, exact.
CREATE FUNCTION es.micros(p_time timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (extract(epoch FROM p_time) * 1000000)::bigint;

-- The hash before the first event.
CREATE FUNCTION es.genesis(p_log uuid) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to('parley.log.1', 'UTF8') || uuid_send(p_log));

-- The hash of an event that follows p_previous: format byte 1, then every field as 4-byte length
-- and bytes; integers 8 bytes big-endian, UUIDs 16, p_recorded_at in microseconds since 1970.
CREATE FUNCTION es.next_hash(
    p_previous bytea, p_log uuid, p_position bigint, p_stream text, p_version bigint, p_type text,
    p_schema_version bigint, p_event_id uuid, p_actor_role text, p_actor_id text,
    p_recorded_at bigint, p_key_id uuid, p_metadata bytea, p_data bytea
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(
    p_previous || '\x01'::bytea
    || '\x00000010'::bytea || uuid_send(p_log)
    || '\x00000008'::bytea || int8send(p_position)
    || int4send(octet_length(p_stream)) || convert_to(p_stream, 'UTF8')
    || '\x00000008'::bytea || int8send(p_version)
    || int4send(octet_length(p_type)) || convert_to(p_type, 'UTF8')
    || '\x00000008'::bytea || int8send(p_schema_version)
    || '\x00000010'::bytea || uuid_send(p_event_id)
    || int4send(octet_length(p_actor_role)) || convert_to(p_actor_role, 'UTF8')
    || int4send(octet_length(p_actor_id)) || convert_to(p_actor_id, 'UTF8')
    || '\x00000008'::bytea || int8send(p_recorded_at)
    || '\x00000010'::bytea || uuid_send(p_key_id)
    || int4send(octet_length(p_metadata)) || p_metadata
    || int4send(octet_length(p_data)) || p_data
);
