-- Session views, version 2. In clear: ids, numbers and times only.
CREATE TABLE IF NOT EXISTS session_2 (
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
    -- the way it came by: a word of ours
    channel text,
    -- it begins with an agent's invitation
    invited boolean NOT NULL,
    -- since when nobody serves it, or its assignee does; since when the visitor waits for an answer,
    -- and since when since the last reminder, from the message at which version on
    queued_at timestamptz,
    served_at timestamptz,
    unanswered_at timestamptz,
    unreminded_at timestamptz,
    unreminded_version bigint NOT NULL,
    -- why nobody has answered: a word of ours
    missed text,
    -- names, tags, language, skills, the last message, a comment: under the visitor's key; NULL once erased
    label bytea,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX IF NOT EXISTS session_2_last ON session_2 (tenant, last_at, id);
CREATE INDEX IF NOT EXISTS session_2_status ON session_2 (tenant, status, last_at, id);
CREATE INDEX IF NOT EXISTS session_2_assignee ON session_2 (tenant, assignee, last_at, id);
CREATE INDEX IF NOT EXISTS session_2_department ON session_2 (tenant, department, last_at, id);
CREATE INDEX IF NOT EXISTS session_2_position ON session_2 (tenant, position);
CREATE INDEX IF NOT EXISTS session_2_waiting ON session_2 (tenant, last_at, id)
WHERE queued_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS session_2_missed ON session_2 (tenant, last_at, id)
WHERE missed IS NOT NULL;
CREATE INDEX IF NOT EXISTS session_2_visitor ON session_2 (tenant, visitor);
SELECT rm.guard('session_2');

-- By which tags a conversation is found: keyed digests, so that nobody can read them off here.
CREATE TABLE IF NOT EXISTS session_tag_2 (
    tenant uuid NOT NULL,
    tag bytea NOT NULL,
    conversation text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, tag, conversation)
);
CREATE INDEX IF NOT EXISTS session_tag_2_conversation ON session_tag_2 (tenant, conversation);
SELECT rm.guard('session_tag_2');

-- Whom the customer's back end said a visitor is, for conversations that begin later.
CREATE TABLE IF NOT EXISTS session_user_2 (
    tenant uuid NOT NULL,
    visitor text NOT NULL,
    -- under the visitor's key
    label bytea NOT NULL,
    PRIMARY KEY (tenant, visitor)
);
SELECT rm.guard('session_user_2');
