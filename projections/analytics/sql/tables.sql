-- Analytics. In clear: ids, times and numbers, and what is the tenant's own.
CREATE TABLE IF NOT EXISTS fact_2 (
    tenant uuid NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    visitor text COLLATE "C" NOT NULL,
    -- in the log: of its first event, of the last one that changed this row, and of the last one of
    -- its own; an erasure is none of them
    begun bigint NOT NULL,
    position bigint NOT NULL,
    own_position bigint NOT NULL,
    started_at timestamptz NOT NULL,
    status text NOT NULL,
    erased boolean NOT NULL,
    agent text,
    department text,
    -- NULL once erased
    site text,
    serving_since timestamptz,
    asked_at timestamptz,
    assigned_at timestamptz,
    answered_at timestamptz,
    closed_at timestamptz,
    wait_ms bigint,
    wait_business_ms bigint,
    first_response_ms bigint,
    first_response_business_ms bigint,
    handling_ms bigint,
    handling_business_ms bigint,
    resolution_ms bigint,
    resolution_business_ms bigint,
    visitor_messages integer NOT NULL,
    agent_messages integer NOT NULL,
    bot_messages integer NOT NULL,
    transfers integer NOT NULL,
    reopenings integer NOT NULL,
    -- 0 once erased
    goals integer NOT NULL,
    -- NULL once erased
    rating smallint,
    -- of the source and of each tag the first 8 bytes of a keyed digest; NULL once erased
    source bigint,
    tags bigint[],
    -- source and tags, under the visitor's key; NULL once erased
    label bytea,
    PRIMARY KEY (tenant, conversation)
);
CREATE INDEX IF NOT EXISTS fact_2_started ON fact_2 (tenant, started_at);
CREATE INDEX IF NOT EXISTS fact_2_visitor ON fact_2 (tenant, visitor, begun);
CREATE INDEX IF NOT EXISTS fact_2_position ON fact_2 (tenant, position);
SELECT rm.guard('fact_2');

CREATE TABLE IF NOT EXISTS visit_2 (
    tenant uuid NOT NULL,
    visitor text COLLATE "C" NOT NULL,
    begun bigint NOT NULL,
    position bigint NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    pages integer NOT NULL,
    -- 0 once erased
    goals integer NOT NULL,
    -- NULL once erased
    site text,
    -- as above; NULL once erased
    source bigint,
    page bigint,
    -- source, first page and goals, under the visitor's key; NULL once erased
    label bytea,
    PRIMARY KEY (tenant, visitor, begun)
);
CREATE INDEX IF NOT EXISTS visit_2_started ON visit_2 (tenant, started_at);
CREATE INDEX IF NOT EXISTS visit_2_position ON visit_2 (tenant, position);
SELECT rm.guard('visit_2');

-- Goals that were reached. Once a visitor is erased there are none of it.
CREATE TABLE IF NOT EXISTS goal_reached_2 (
    tenant uuid NOT NULL,
    visitor text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    goal text COLLATE "C" NOT NULL,
    reached_at timestamptz NOT NULL,
    site text,
    conversation text,
    agent text,
    department text,
    source bigint NOT NULL,
    page bigint NOT NULL,
    -- source and page, under the visitor's key
    label bytea,
    PRIMARY KEY (tenant, visitor, position, goal)
);
CREATE INDEX IF NOT EXISTS goal_reached_2_position ON goal_reached_2 (tenant, position);
CREATE INDEX IF NOT EXISTS goal_reached_2_reached ON goal_reached_2 (tenant, reached_at);
SELECT rm.guard('goal_reached_2');

-- What the tenant has set that facts and reports rest on: hours, zone, goals.
CREATE TABLE IF NOT EXISTS analytics_settings_2 (
    tenant uuid PRIMARY KEY,
    settings jsonb NOT NULL
);
SELECT rm.guard('analytics_settings_2');
