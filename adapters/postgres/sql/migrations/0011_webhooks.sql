-- What is on its way out: rows that must outlive the read models. A follower of the log writes what is
-- due, those who send note what became of it. Queues only distribute it and may be emptied. Nothing
-- here is personal: what is sent is read from the log when it is sent. Times are seconds since 1970 by
-- the clocks of those who send. Without foreign keys, as the checkpoints.
CREATE SCHEMA work;
GRANT USAGE ON SCHEMA work TO parley_node, parley_projector;

-- How far deliveries have been made of each log. It stays when the follower's read model is thrown
-- away and folded again: what is at or before it is never made a second time.
CREATE TABLE work.webhook_followed (
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (tenant)
);

-- An event on its way to a webhook.
CREATE TABLE work.webhook_delivery (
    tenant uuid NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    since double precision NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    first_at double precision,
    last_at double precision,
    -- of the last attempt: the answer's HTTP status, or else a word for why there was none
    status integer,
    error text,
    -- when it was delivered, or given up
    settled_at double precision,
    PRIMARY KEY (tenant, webhook, position),
    CHECK ((state = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX webhook_delivery_waiting ON work.webhook_delivery (tenant, webhook, stream, position)
WHERE state = 'waiting';
CREATE INDEX webhook_delivery_dead ON work.webhook_delivery (tenant, webhook, position)
WHERE state = 'dead';
CREATE INDEX webhook_delivery_end ON work.webhook_delivery (state, settled_at);
CREATE INDEX webhook_delivery_position ON work.webhook_delivery (tenant, position);

-- The deliveries of one conversation to one webhook, which go one after the other: a row for as long
-- as something waits there. Whoever works on it holds the lease; due_at is then the lease's end.
CREATE TABLE work.webhook_line (
    tenant uuid NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    due_at double precision NOT NULL,
    lease uuid,
    PRIMARY KEY (tenant, webhook, stream)
);
CREATE INDEX webhook_line_due ON work.webhook_line (tenant, webhook, due_at);

SELECT es.protect('work.webhook_followed');
SELECT es.protect('work.webhook_delivery');
SELECT es.protect('work.webhook_line');
GRANT SELECT ON work.webhook_followed, work.webhook_delivery, work.webhook_line TO parley_node;
GRANT SELECT, INSERT, UPDATE, DELETE
ON work.webhook_followed, work.webhook_delivery, work.webhook_line TO parley_projector;
