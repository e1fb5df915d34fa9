CREATE SCHEMA IF NOT EXISTS es;

-- Which migrations of which room were applied, and in what form.
CREATE TABLE IF NOT EXISTS es.migration (
    room text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (room, number)
);
