-- Agents, version 3. In clear: ids, numbers and times only.
CREATE TABLE IF NOT EXISTS agent_4 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    active boolean NOT NULL,
    -- from when on it is in its present status; NULL: it has none any more
    since timestamptz,
    -- when it was given a conversation, or took one, last
    given_at timestamptz,
    -- name, e-mail, role, departments, skills, capacity, status: under the agent's own key
    label bytea,
    PRIMARY KEY (tenant, id)
);
SELECT rm.guard('agent_4');

-- Times in one status that are over.
CREATE TABLE IF NOT EXISTS agent_status_4 (
    tenant uuid NOT NULL,
    agent text COLLATE "C" NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    -- the status, under the agent's own key
    label bytea,
    PRIMARY KEY (tenant, agent, from_at)
);
SELECT rm.guard('agent_status_4');

-- Who serves which open conversation; empty: nobody.
CREATE TABLE IF NOT EXISTS agent_serving_4 (
    tenant uuid NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, conversation)
);
CREATE INDEX IF NOT EXISTS agent_serving_4_agent ON agent_serving_4 (tenant, agent);
SELECT rm.guard('agent_serving_4');

-- What was done in a quarter of an hour.
CREATE TABLE IF NOT EXISTS agent_work_4 (
    tenant uuid NOT NULL,
    agent text COLLATE "C" NOT NULL,
    quarter timestamptz NOT NULL,
    messages bigint NOT NULL,
    conversations bigint NOT NULL,
    PRIMARY KEY (tenant, agent, quarter)
);
SELECT rm.guard('agent_work_4');
