-- The views that analysts read, each of them what they may read of one tenant: an analyst's rows are
-- found by row-level security, which a view passes on to whoever asks only with security_invoker.
-- The columns that a view shows are granted here, one by one; ciphertext is not among them.
-- docs/analysts.md is made of the comments.

DROP VIEW IF EXISTS
    analytics.conversations,
    analytics.conversation_tags,
    analytics.visits,
    analytics.goals_reached,
    analytics.agents,
    analytics.agent_work,
    analytics.as_of;

CREATE VIEW analytics.conversations WITH (security_invoker = true) AS
SELECT
    conversation, visitor, status, erased, agent, department, site,
    source::text AS source, started_at, asked_at, assigned_at, answered_at, closed_at,
    wait_ms::float8 / 1000 AS wait_s, wait_business_ms::float8 / 1000 AS wait_business_s,
    first_response_ms::float8 / 1000 AS first_response_s,
    first_response_business_ms::float8 / 1000 AS first_response_business_s,
    handling_ms::float8 / 1000 AS handling_s,
    handling_business_ms::float8 / 1000 AS handling_business_s,
    resolution_ms::float8 / 1000 AS resolution_s,
    resolution_business_ms::float8 / 1000 AS resolution_business_s, visitor_messages,
    agent_messages, bot_messages, transfers, reopenings, goals, rating
FROM fact_2;

CREATE VIEW analytics.conversation_tags WITH (security_invoker = true) AS
SELECT
    f.conversation AS conversation, t.tag::text AS tag
FROM fact_2 AS f, unnest(f.tags) AS t (tag);

CREATE VIEW analytics.visits WITH (security_invoker = true) AS
SELECT
    visitor, started_at, ended_at, pages, site, source::text AS source,
    page::text AS entry_page, goals
FROM visit_2;

CREATE VIEW analytics.goals_reached WITH (security_invoker = true) AS
SELECT
    visitor, goal, reached_at, site, source::text AS source,
    page::text AS page, conversation, agent, department
FROM goal_reached_2;

CREATE VIEW analytics.agents WITH (security_invoker = true) AS
SELECT
    id AS agent, active, since AS status_since
FROM agent_4;

CREATE VIEW analytics.agent_work WITH (security_invoker = true) AS
SELECT
    agent, quarter, messages, conversations
FROM agent_work_4;

CREATE VIEW analytics.as_of AS
SELECT projection, "position" FROM analytics.positions();

GRANT SELECT (
    tenant, conversation, visitor, status, erased, agent, department, site, source, started_at,
    asked_at, assigned_at, answered_at, closed_at, wait_ms, wait_business_ms, first_response_ms,
    first_response_business_ms, handling_ms, handling_business_ms, resolution_ms,
    resolution_business_ms, visitor_messages, agent_messages, bot_messages, transfers,
    reopenings, goals, rating, tags
) ON fact_2 TO parley_analyst;
GRANT SELECT (
    tenant, visitor, started_at, ended_at, pages, site, source, page, goals
) ON visit_2 TO parley_analyst;
GRANT SELECT (
    tenant, visitor, goal, reached_at, site, source, page, conversation, agent, department
) ON goal_reached_2 TO parley_analyst;
GRANT SELECT (
    tenant, id, active, since
) ON agent_4 TO parley_analyst;
GRANT SELECT (
    tenant, agent, quarter, messages, conversations
) ON agent_work_4 TO parley_analyst;
GRANT SELECT ON
    analytics.conversations,
    analytics.conversation_tags,
    analytics.visits,
    analytics.goals_reached,
    analytics.agents,
    analytics.agent_work,
    analytics.as_of
TO parley_analyst;

COMMENT ON VIEW analytics.conversations IS 'One row a conversation.';
COMMENT ON COLUMN analytics.conversations.conversation IS 'Its id.';
COMMENT ON COLUMN analytics.conversations.visitor IS 'The id of the visitor who began it.';
COMMENT ON COLUMN analytics.conversations.status IS 'open or closed, as it was last.';
COMMENT ON COLUMN analytics.conversations.erased IS 'Whether its visitor was erased: then all that came out of what people wrote is gone from the row.';
COMMENT ON COLUMN analytics.conversations.agent IS 'The id of the agent who serves it, or served it last.';
COMMENT ON COLUMN analytics.conversations.department IS 'The department where it is.';
COMMENT ON COLUMN analytics.conversations.site IS 'The id of the site where it began.';
COMMENT ON COLUMN analytics.conversations.source IS 'What stands for where the visitor came from; it is the same for the same source.';
COMMENT ON COLUMN analytics.conversations.started_at IS 'When it began.';
COMMENT ON COLUMN analytics.conversations.asked_at IS 'When the visitor first wrote.';
COMMENT ON COLUMN analytics.conversations.assigned_at IS 'When an agent first had it.';
COMMENT ON COLUMN analytics.conversations.answered_at IS 'When an agent first wrote.';
COMMENT ON COLUMN analytics.conversations.closed_at IS 'When it was closed last; empty while it is open.';
COMMENT ON COLUMN analytics.conversations.wait_s IS 'Seconds from the visitor''s first message, or the start, to the first assignment.';
COMMENT ON COLUMN analytics.conversations.wait_business_s IS 'The same, of business hours only.';
COMMENT ON COLUMN analytics.conversations.first_response_s IS 'Seconds from the visitor''s first message, or the start, to an agent''s first.';
COMMENT ON COLUMN analytics.conversations.first_response_business_s IS 'The same, of business hours only.';
COMMENT ON COLUMN analytics.conversations.handling_s IS 'Seconds in which an agent served it, up to the last close or transfer to a department.';
COMMENT ON COLUMN analytics.conversations.handling_business_s IS 'The same, of business hours only.';
COMMENT ON COLUMN analytics.conversations.resolution_s IS 'Seconds from the start to the last close; empty while it is open.';
COMMENT ON COLUMN analytics.conversations.resolution_business_s IS 'The same, of business hours only.';
COMMENT ON COLUMN analytics.conversations.visitor_messages IS 'Messages of the visitor.';
COMMENT ON COLUMN analytics.conversations.agent_messages IS 'Messages of agents.';
COMMENT ON COLUMN analytics.conversations.bot_messages IS 'Messages of a bot.';
COMMENT ON COLUMN analytics.conversations.transfers IS 'How often it was transferred.';
COMMENT ON COLUMN analytics.conversations.reopenings IS 'How often it was opened again.';
COMMENT ON COLUMN analytics.conversations.goals IS 'Goals reached that are credited to it.';
COMMENT ON COLUMN analytics.conversations.rating IS 'The visitor''s judgement, 1 to 5.';

COMMENT ON VIEW analytics.conversation_tags IS 'The tags that conversations have.';
COMMENT ON COLUMN analytics.conversation_tags.conversation IS 'The conversation''s id.';
COMMENT ON COLUMN analytics.conversation_tags.tag IS 'What stands for the tag; it is the same for the same text.';

COMMENT ON VIEW analytics.visits IS 'One row a visit: pages that a visitor saw with less than half an hour between them.';
COMMENT ON COLUMN analytics.visits.visitor IS 'The visitor''s id.';
COMMENT ON COLUMN analytics.visits.started_at IS 'When the first page was seen.';
COMMENT ON COLUMN analytics.visits.ended_at IS 'When the last one was.';
COMMENT ON COLUMN analytics.visits.pages IS 'How many were seen.';
COMMENT ON COLUMN analytics.visits.site IS 'The id of the site.';
COMMENT ON COLUMN analytics.visits.source IS 'What stands for where the visitor came from.';
COMMENT ON COLUMN analytics.visits.entry_page IS 'What stands for the first page.';
COMMENT ON COLUMN analytics.visits.goals IS 'Goals that were reached.';

COMMENT ON VIEW analytics.goals_reached IS 'One row each time that a visitor reached a goal.';
COMMENT ON COLUMN analytics.goals_reached.visitor IS 'The visitor''s id.';
COMMENT ON COLUMN analytics.goals_reached.goal IS 'The goal''s id.';
COMMENT ON COLUMN analytics.goals_reached.reached_at IS 'When.';
COMMENT ON COLUMN analytics.goals_reached.site IS 'The id of the site.';
COMMENT ON COLUMN analytics.goals_reached.source IS 'What stands for where the visitor came from.';
COMMENT ON COLUMN analytics.goals_reached.page IS 'What stands for the page.';
COMMENT ON COLUMN analytics.goals_reached.conversation IS 'The conversation to which it is credited.';
COMMENT ON COLUMN analytics.goals_reached.agent IS 'The agent of that conversation then.';
COMMENT ON COLUMN analytics.goals_reached.department IS 'Its department then.';

COMMENT ON VIEW analytics.agents IS 'One row an agent.';
COMMENT ON COLUMN analytics.agents.agent IS 'Its id.';
COMMENT ON COLUMN analytics.agents.active IS 'Whether it may sign in.';
COMMENT ON COLUMN analytics.agents.status_since IS 'Since when it has been in its present status.';

COMMENT ON VIEW analytics.agent_work IS 'What agents did, a row for each quarter of an hour in which one did something.';
COMMENT ON COLUMN analytics.agent_work.agent IS 'The agent''s id.';
COMMENT ON COLUMN analytics.agent_work.quarter IS 'When the quarter of an hour begins.';
COMMENT ON COLUMN analytics.agent_work.messages IS 'Messages that it wrote.';
COMMENT ON COLUMN analytics.agent_work.conversations IS 'Conversations that it began to serve.';

COMMENT ON VIEW analytics.as_of IS 'How far the views are: the position in the log that each projection has reached.';
COMMENT ON COLUMN analytics.as_of.projection IS 'The projection, with its version.';
COMMENT ON COLUMN analytics.as_of.position IS 'The last event that it has folded.';
