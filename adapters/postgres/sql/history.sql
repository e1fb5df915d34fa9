SELECT es.epoch(), concat_ws(
    '.',
    es.micros(pg_postmaster_start_time()),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    'es.event'::regclass::oid
)
