-- The audit, version 1. In clear: what the events' envelopes tell.
CREATE TABLE IF NOT EXISTS audit_1 (
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    type text NOT NULL,
    role text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    -- what it is about
    stream text COLLATE "C" NOT NULL,
    cause uuid,
    -- names and data: under the key of the agent that it is about, else the tenant's
    label bytea,
    PRIMARY KEY (tenant, position)
);
CREATE INDEX IF NOT EXISTS audit_1_kind ON audit_1 (tenant, kind, position);
CREATE INDEX IF NOT EXISTS audit_1_at ON audit_1 (tenant, at);
CREATE INDEX IF NOT EXISTS audit_1_actor ON audit_1 (tenant, actor, position);
CREATE INDEX IF NOT EXISTS audit_1_stream ON audit_1 (tenant, stream, position);
SELECT rm.guard('audit_1');
