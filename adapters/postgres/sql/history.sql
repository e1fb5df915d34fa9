SELECT es.epoch(), es.micros(pg_postmaster_start_time())::text
