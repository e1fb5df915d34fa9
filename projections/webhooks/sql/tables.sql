-- Which webhooks there are, version 1: what each wants, and whether it is told anything.
CREATE TABLE IF NOT EXISTS webhook_1 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    format text NOT NULL,
    types text[] NOT NULL,
    active boolean NOT NULL,
    PRIMARY KEY (tenant, id)
);
SELECT rm.guard('webhook_1');
