-- The views that analysts read, each of them what they may read of one tenant: an analyst's rows are
-- found by row-level security, which a view passes on to whoever asks only with security_invoker.
-- The columns that a view shows are granted here, one by one; ciphertext is not among them.
-- docs/analysts.md is made of the comments.

DROP VIEW IF EXISTS
    analytics.conversations, analytics.conversation_tags, analytics.agents, analytics.as_of;

CREATE VIEW analytics.conversations WITH (security_invoker = true) AS
SELECT
    id AS conversation, visitor, status, assignee AS agent, department, started_at, last_at,
    version AS events, rating
FROM session_1;
GRANT SELECT (
    tenant, id, visitor, status, assignee, department, started_at, last_at, version, rating
) ON session_1 TO parley_analyst;

CREATE VIEW analytics.conversation_tags WITH (security_invoker = true) AS
SELECT conversation, encode(tag, 'hex') AS tag
FROM session_tag_1;
GRANT SELECT (tenant, conversation, tag) ON session_tag_1 TO parley_analyst;

CREATE VIEW analytics.agents WITH (security_invoker = true) AS
SELECT id AS agent, role, status, departments, active
FROM agent_1;
GRANT SELECT (tenant, id, role, status, departments, active) ON agent_1 TO parley_analyst;

CREATE VIEW analytics.as_of AS
SELECT projection, "position" FROM analytics.positions();

GRANT SELECT
ON analytics.conversations, analytics.conversation_tags, analytics.agents, analytics.as_of
TO parley_analyst;

COMMENT ON VIEW analytics.conversations IS 'One row a conversation.';
COMMENT ON COLUMN analytics.conversations.conversation IS 'Its id.';
COMMENT ON COLUMN analytics.conversations.visitor IS 'The id of the visitor who began it.';
COMMENT ON COLUMN analytics.conversations.status IS 'open, closed, or erased with its visitor.';
COMMENT ON COLUMN analytics.conversations.agent IS 'The id of the agent who serves it, or served it last.';
COMMENT ON COLUMN analytics.conversations.department IS 'The department where it is.';
COMMENT ON COLUMN analytics.conversations.started_at IS 'When it began.';
COMMENT ON COLUMN analytics.conversations.last_at IS 'When a message came, or it was closed or reopened, last.';
COMMENT ON COLUMN analytics.conversations.events IS 'How many events it has.';
COMMENT ON COLUMN analytics.conversations.rating IS 'The visitor''s judgement, 1 to 5.';

COMMENT ON VIEW analytics.conversation_tags IS 'The tags that conversations have.';
COMMENT ON COLUMN analytics.conversation_tags.conversation IS 'The conversation''s id.';
COMMENT ON COLUMN analytics.conversation_tags.tag IS 'What stands for the tag; it is the same for the same text.';

COMMENT ON VIEW analytics.agents IS 'One row an agent.';
COMMENT ON COLUMN analytics.agents.agent IS 'Its id.';
COMMENT ON COLUMN analytics.agents.role IS 'admin, agent or limited.';
COMMENT ON COLUMN analytics.agents.status IS 'online, busy, away, offline, or another that is in use.';
COMMENT ON COLUMN analytics.agents.departments IS 'Those it belongs to.';
COMMENT ON COLUMN analytics.agents.active IS 'Whether it may sign in.';

COMMENT ON VIEW analytics.as_of IS 'How far the views are: the position in the log that each projection has reached.';
COMMENT ON COLUMN analytics.as_of.projection IS 'The projection, with its version.';
COMMENT ON COLUMN analytics.as_of.position IS 'The last event that it has folded.';
