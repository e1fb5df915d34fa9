SELECT
    "position", stream, version, decided, type, schema_version, event_id, actor_role, actor_id, key_id,
    metadata, es.micros(recorded_at) AS recorded_at, data, hash
FROM es.read_positions($1, $2, $3)
