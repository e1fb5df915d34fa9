-- Agents, version 2. In clear: ids, numbers and times only.
CREATE TABLE IF NOT EXISTS agent_2 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    active boolean NOT NULL,
    -- from when on it is in its present status; NULL: it has none any more
    since timestamptz,
    -- name, role, departments, status: under the agent's own key
    label bytea,
    PRIMARY KEY (tenant, id)
);
SELECT rm.guard('agent_2');

-- Times in one status that are over.
CREATE TABLE IF NOT EXISTS agent_status_2 (
    tenant uuid NOT NULL,
    agent text COLLATE "C" NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    -- the status, under the agent's own key
    label bytea,
    PRIMARY KEY (tenant, agent, from_at)
);
SELECT rm.guard('agent_status_2');

-- Who serves which open conversation; empty: nobody.
CREATE TABLE IF NOT EXISTS agent_serving_2 (
    tenant uuid NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, conversation)
);
CREATE INDEX IF NOT EXISTS agent_serving_2_agent ON agent_serving_2 (tenant, agent);
SELECT rm.guard('agent_serving_2');

-- What was done in a quarter of an hour.
CREATE TABLE IF NOT EXISTS agent_work_2 (
    tenant uuid NOT NULL,
    agent text COLLATE "C" NOT NULL,
    quarter timestamptz NOT NULL,
    messages bigint NOT NULL,
    conversations bigint NOT NULL,
    PRIMARY KEY (tenant, agent, quarter)
);
SELECT rm.guard('agent_work_2');
