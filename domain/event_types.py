"""The table of every event type: stable name, class, whether it decides, schema version.

A name here is for ever. To change an event's shape, raise its version, add the upcaster beside
it, and add a golden sample of the new version; never touch the old samples.
"""

from __future__ import annotations

from domain.agent import events as agent
from domain.conversation import events as conversation
from domain.external import events as external
from domain.file import events as file
from domain.registry import EventType, Registry
from domain.tenant import events as tenant
from domain.tenant import section_events as section
from domain.visitor import events as visitor

DECIDING = True
PASSING = False

REGISTRY = Registry(
    EventType(name, cls, deciding)
    for name, cls, deciding in (
        ("conversation.started", conversation.ConversationStarted, DECIDING),
        ("message.posted", conversation.MessagePosted, PASSING),
        ("note.added", conversation.NoteAdded, PASSING),
        ("message.read", conversation.MessageRead, PASSING),
        ("message.delivered", conversation.MessageDelivered, PASSING),
        ("conversation.assigned", conversation.ConversationAssigned, DECIDING),
        ("conversation.transferred", conversation.ConversationTransferred, DECIDING),
        ("conversation.tagged", conversation.ConversationTagged, PASSING),
        ("conversation.closed", conversation.ConversationClosed, DECIDING),
        ("conversation.reopened", conversation.ConversationReopened, DECIDING),
        ("conversation.rated", conversation.ConversationRated, PASSING),
        ("conversation.missed", conversation.ConversationMissed, PASSING),
        ("conversation.unanswered", conversation.ConversationUnanswered, PASSING),
        ("conversation.erased", conversation.ConversationErased, DECIDING),
        ("visitor.identified", visitor.VisitorIdentified, DECIDING),
        ("visitor.introduced", visitor.VisitorIntroduced, PASSING),
        ("visitor.greeted", visitor.VisitorGreeted, PASSING),
        ("visitor.invited", visitor.VisitorInvited, DECIDING),
        ("visitor.device_seen", visitor.DeviceSeen, PASSING),
        ("page.viewed", visitor.PageViewed, PASSING),
        ("visitor.conversation_opened", visitor.ConversationOpened, DECIDING),
        ("visitor.conversation_ended", visitor.ConversationEnded, DECIDING),
        ("visitor.erased", visitor.VisitorErased, DECIDING),
        ("identity.bound", visitor.IdentityBound, DECIDING),
        ("agent.created", agent.AgentCreated, DECIDING),
        ("agent.rights_changed", agent.AgentRightsChanged, DECIDING),
        ("agent.profile_changed", agent.AgentProfileChanged, PASSING),
        ("agent.password_changed", agent.AgentPasswordChanged, DECIDING),
        ("agent.status_changed", agent.AgentStatusChanged, PASSING),
        ("agent.deactivated", agent.AgentDeactivated, DECIDING),
        ("agent.signed_in", agent.AgentSignedIn, PASSING),
        ("agent.sign_in_failed", agent.AgentSignInFailed, PASSING),
        ("agent.signed_out", agent.AgentSignedOut, PASSING),
        ("email.bound", agent.EmailBound, DECIDING),
        ("tenant.created", tenant.TenantCreated, DECIDING),
        ("tenant.site_added", tenant.SiteAdded, DECIDING),
        ("tenant.site_changed", tenant.SiteChanged, DECIDING),
        ("tenant.site_removed", tenant.SiteRemoved, DECIDING),
        ("tenant.site_restored", tenant.SiteRestored, DECIDING),
        ("tenant.site_secret_rotated", tenant.SiteSecretRotated, DECIDING),
        ("tenant.api_key_created", tenant.ApiKeyCreated, DECIDING),
        ("tenant.api_key_revoked", tenant.ApiKeyRevoked, DECIDING),
        ("tenant.webhook_added", tenant.WebhookAdded, DECIDING),
        ("tenant.webhook_changed", tenant.WebhookChanged, DECIDING),
        ("tenant.webhook_secret_rotated", tenant.WebhookSecretRotated, DECIDING),
        ("tenant.webhook_disabled", tenant.WebhookDisabled, DECIDING),
        ("tenant.webhook_enabled", tenant.WebhookEnabled, DECIDING),
        ("tenant.webhook_removed", tenant.WebhookRemoved, DECIDING),
        ("tenant.hours_changed", tenant.HoursChanged, DECIDING),
        ("tenant.goal_added", tenant.GoalAdded, DECIDING),
        ("tenant.goal_changed", tenant.GoalChanged, DECIDING),
        ("tenant.goal_removed", tenant.GoalRemoved, DECIDING),
        ("tenant.department_defined", section.DepartmentDefined, DECIDING),
        ("tenant.department_removed", section.DepartmentRemoved, DECIDING),
        ("tenant.reply_defined", section.ReplyDefined, DECIDING),
        ("tenant.reply_removed", section.ReplyRemoved, DECIDING),
        ("tenant.welcome_defined", section.WelcomeDefined, DECIDING),
        ("tenant.welcome_removed", section.WelcomeRemoved, DECIDING),
        ("tenant.reception_defined", section.ReceptionDefined, DECIDING),
        ("tenant.reception_removed", section.ReceptionRemoved, DECIDING),
        ("tenant.status_defined", section.StatusDefined, DECIDING),
        ("tenant.status_removed", section.StatusRemoved, DECIDING),
        ("tenant.routing_changed", section.RoutingChanged, DECIDING),
        ("tenant.tags_changed", section.TagsChanged, DECIDING),
        ("tenant.appearance_changed", section.AppearanceChanged, DECIDING),
        ("file.stored", file.FileStored, DECIDING),
        ("file.shared", file.FileShared, PASSING),
        ("external.recorded", external.ExternalRecorded, PASSING),
    )
)
"""The registry that Parley runs with."""
