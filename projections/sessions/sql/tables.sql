-- Session views, version 1. In clear: ids, numbers and times only.
CREATE TABLE IF NOT EXISTS session_1 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    visitor text NOT NULL,
    status text NOT NULL,
    assignee text,
    department text,
    started_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    version bigint NOT NULL,
    -- the first bytes of the chain hash of the event at this version
    mark bytea NOT NULL,
    -- of that event in the log
    position bigint NOT NULL,
    last_message_version bigint NOT NULL,
    last_visitor_version bigint NOT NULL,
    visitor_read bigint NOT NULL,
    -- agent's id: the version read up to
    reads jsonb NOT NULL,
    rating smallint,
    -- names, tags, the last message, a comment: under the visitor's key; NULL once erased
    label bytea,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX IF NOT EXISTS session_1_last ON session_1 (tenant, last_at, id);
CREATE INDEX IF NOT EXISTS session_1_status ON session_1 (tenant, status, last_at, id);
CREATE INDEX IF NOT EXISTS session_1_assignee ON session_1 (tenant, assignee, last_at, id);
CREATE INDEX IF NOT EXISTS session_1_department ON session_1 (tenant, department, last_at, id);
CREATE INDEX IF NOT EXISTS session_1_position ON session_1 (tenant, position);
CREATE INDEX IF NOT EXISTS session_1_visitor ON session_1 (tenant, visitor);
SELECT rm.guard('session_1');

-- By which tags a conversation is found: keyed digests, so that nobody can read them off here.
CREATE TABLE IF NOT EXISTS session_tag_1 (
    tenant uuid NOT NULL,
    tag bytea NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, tag, conversation)
);
CREATE INDEX IF NOT EXISTS session_tag_1_conversation ON session_tag_1 (tenant, conversation);
SELECT rm.guard('session_tag_1');

-- Whom the customer's back end said a visitor is, for conversations that begin later.
CREATE TABLE IF NOT EXISTS session_user_1 (
    tenant uuid NOT NULL,
    visitor text NOT NULL,
    -- under the visitor's key
    label bytea NOT NULL,
    PRIMARY KEY (tenant, visitor)
);
SELECT rm.guard('session_user_1');
