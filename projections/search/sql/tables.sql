-- The index of searches, version 1. Tokens are keyed digests of words; in clear are positions only.
-- What a row's bytes mean is said in projections/search/layout.py.

-- What was said in the window of the log that still grows: a row a page, message by message.
CREATE TABLE IF NOT EXISTS search_recent_1 (
    tenant uuid NOT NULL,
    -- of the row's first message in the log
    position bigint NOT NULL,
    messages bytea NOT NULL,
    PRIMARY KEY (tenant, position)
);
SELECT rm.guard('search_recent_1');

-- Of each full window of the log, which of its messages hold which digest.
CREATE TABLE IF NOT EXISTS search_posting_1 (
    tenant uuid NOT NULL,
    log_window integer NOT NULL,
    -- the first bits of the digests in it
    bucket integer NOT NULL,
    postings bytea NOT NULL,
    PRIMARY KEY (tenant, log_window, bucket)
);
-- Numbers that are digests and their places do not compress: spare the attempt.
ALTER TABLE search_posting_1 ALTER COLUMN postings SET STORAGE EXTERNAL;
ALTER TABLE search_recent_1 ALTER COLUMN messages SET STORAGE EXTERNAL;
SELECT rm.guard('search_posting_1');
