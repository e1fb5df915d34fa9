-- Agents, version 1. The name is under the agent's own key.
CREATE TABLE IF NOT EXISTS agent_1 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    departments text[] NOT NULL,
    active boolean NOT NULL,
    label bytea,
    PRIMARY KEY (tenant, id)
);
SELECT rm.guard('agent_1');
