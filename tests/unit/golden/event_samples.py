"""Samples of every event as this program writes it: with every field, and with as few as can be.

Golden files are made from these by ``make_events.py`` once for every schema version. Change a
sample here only together with its event's schema version.
"""

from __future__ import annotations

from msgspec import Struct

from domain.agent import events as agent
from domain.conversation import events as conversation
from domain.external import events as external
from domain.file import events as file
from domain.tenant import events as tenant
from domain.tenant import section_events as section
from domain.tenant import values
from domain.visitor import events as visitor

ID = "018cc251-f400-7abc-9def-0123456789ab"
TEXT = conversation.Body("Grüße 🦜\n")
FILE = conversation.Body(file=ID)
PAGE = conversation.Page("https://shop.example/a?b=c#d", "The shop", "https://search.example/")
ATTACHMENT = conversation.Attachment("a.png", "image/png", 70_000, 640, 480, thumbnail=True)
BARE_PAGE = conversation.Page("https://shop.example/")
SITE = "AYxWAbcdefABCDEF0123456789_-x"
WEBHOOK = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
WORDS = {"en": "Hello", "zh": "你好"}
FORM = values.Form(
    WORDS,
    (
        values.Field("email", "email", WORDS, required=True),
        values.Field("size", "select", WORDS, options=({"en": "S"}, {"en": "L"})),
    ),
)
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"

SAMPLES: tuple[Struct, ...] = (
    conversation.ConversationStarted(ID, "sales", PAGE, SITE),
    conversation.ConversationStarted(ID),
    conversation.ConversationStarted(
        ID,
        channel="link",
        language="zh-Hans",
        skills=("french",),
        reception="sales",
        greeting=conversation.Greeting("hello", "Grüße"),
        invitation=ID,
    ),
    conversation.MessagePosted(ID, TEXT),
    conversation.MessagePosted(ID, FILE),
    conversation.MessagePosted(ID, FILE, ATTACHMENT),
    conversation.NoteAdded(ID, TEXT),
    conversation.NoteAdded(ID, FILE, ATTACHMENT),
    conversation.MessageRead(1),
    conversation.MessageRead(2**53),
    conversation.MessageDelivered(1),
    conversation.ConversationAssigned(ID, "Grace"),
    conversation.ConversationAssigned(ID),
    conversation.ConversationAssigned(ID, "Grace", "least_busy"),
    conversation.ConversationTransferred(agent=ID, name="Grace"),
    conversation.ConversationTransferred(department="support"),
    conversation.ConversationTransferred(reason="left"),
    conversation.ConversationTagged(("urgent", "日本語")),
    conversation.ConversationTagged(()),
    conversation.ConversationClosed(),
    conversation.ConversationReopened(),
    conversation.ConversationRated(5, "thanks"),
    conversation.ConversationRated(1),
    conversation.ConversationMissed("unanswered"),
    conversation.ConversationUnanswered(7, 120),
    conversation.ConversationErased(),
    visitor.VisitorIdentified("ada@shop.example"),
    visitor.VisitorIntroduced("Ada", "ada@shop.example", "+49 30 1234", {"plan": "pro"}),
    visitor.VisitorIntroduced(),
    visitor.VisitorGreeted("hello", "Grüße"),
    visitor.VisitorInvited(ID, "Can I help?"),
    visitor.DeviceSeen(
        "Firefox", "140", "Linux", "6", "desktop", "de-AT", "AT", "Wien", "Wien", "192.0.2.7"
    ),
    visitor.DeviceSeen(),
    visitor.PageViewed(PAGE, SITE),
    visitor.PageViewed(BARE_PAGE),
    visitor.ConversationOpened(ID),
    visitor.ConversationEnded(ID),
    visitor.VisitorErased(),
    visitor.IdentityBound(ID),
    agent.AgentCreated("grace@shop.example", "Grace", "limited", HASH, ("sales", "support")),
    agent.AgentCreated("grace@shop.example", "Grace", "admin", HASH),
    agent.AgentRightsChanged("limited", ("sales",)),
    agent.AgentRightsChanged("agent"),
    agent.AgentPasswordChanged(HASH),
    agent.AgentProfileChanged("Grace", 5, ("french",)),
    agent.AgentProfileChanged("Grace"),
    agent.AgentStatusChanged("online"),
    agent.AgentStatusChanged("away", automatic=True, reason="idle"),
    agent.AgentDeactivated(),
    agent.AgentSignedIn("2001:db8::7", "Mozilla/5.0 (X11; Linux x86_64)"),
    agent.AgentSignInFailed("192.0.2.7", "curl/8", "password"),
    agent.AgentSignedOut("192.0.2.7", "Mozilla/5.0"),
    agent.AgentSignedOut(),
    agent.EmailBound(ID),
    tenant.TenantCreated("demo", b"\x00\xff secret"),
    tenant.SiteAdded("shop", "The shop", "s3cret", ("https://shop.example",)),
    tenant.SiteAdded("shop", "The shop", "s3cret"),
    tenant.SiteChanged("shop", "The other shop", ("https://shop.example",)),
    tenant.SiteChanged("shop", "The other shop"),
    tenant.SiteRemoved("shop"),
    tenant.SiteRestored("shop"),
    tenant.SiteSecretRotated("shop", "an0ther", 1_800_000_000),
    tenant.ApiKeyCreated("key-1", b"\x00\xff digest", ("read", "write")),
    tenant.ApiKeyRevoked("key-1"),
    tenant.WebhookAdded(ID, "https://shop.example/hook", WEBHOOK, "chatwoot", ("message.posted",)),
    tenant.WebhookAdded(ID, "https://shop.example/hook", WEBHOOK),
    tenant.WebhookChanged(ID, "https://shop.example/hook", "chatwoot", ("message.posted",)),
    tenant.WebhookChanged(ID, "https://shop.example/hook"),
    tenant.WebhookSecretRotated(ID, WEBHOOK, 1_800_000_000),
    tenant.WebhookDisabled(ID, "gone"),
    tenant.WebhookEnabled(ID),
    tenant.WebhookRemoved(ID),
    tenant.HoursChanged(
        "Europe/Berlin",
        (((540, 1080),), ((1320, 1800),), (), (), (), (), ()),
        (tenant.Holiday("2026-12-24", ((540, 720),)), tenant.Holiday("2026-12-25")),
    ),
    tenant.HoursChanged("UTC", ((),) * 7),
    tenant.GoalAdded(ID, "Bought", "/checkout/done"),
    tenant.GoalChanged(ID, "Bought", "/checkout/*"),
    tenant.GoalRemoved(ID),
    section.DepartmentDefined("sales", values.Department("Sales", "round_robin", offered=True)),
    section.DepartmentDefined("sales", values.Department("Sales")),
    section.DepartmentRemoved("sales"),
    section.ReplyDefined(ID, values.Reply("hi", "Hello", "Hello {{visitor.name}}", "sales", ID)),
    section.ReplyDefined(ID, values.Reply("hi", "Hello", "Hello")),
    section.ReplyRemoved(ID),
    section.WelcomeDefined(
        "prices",
        values.Welcome(
            "Prices",
            WORDS,
            enabled=False,
            order=7,
            sites=(SITE,),
            when=values.WelcomeWhen(
                "/prices*", "search", "spring", 20, returning=True, opening="open"
            ),
            open=True,
        ),
    ),
    section.WelcomeDefined("hello", values.Welcome("Hello", {"en": "Hello"})),
    section.WelcomeRemoved("hello"),
    section.ReceptionDefined(
        "chinese",
        values.Reception(
            "Chinese",
            enabled=False,
            order=7,
            when=values.ReceptionWhen(SITE, "/zh*", "link", "zh", "sales"),
            then=values.ReceptionThen("sales", ("chinese",), ("vip", "日本語")),
        ),
    ),
    section.ReceptionDefined("all", values.Reception("All")),
    section.ReceptionRemoved("all"),
    section.StatusDefined("training", values.Status(WORDS, available=True)),
    section.StatusDefined("lunch", values.Status({"en": "Lunch"})),
    section.StatusRemoved("lunch"),
    section.RoutingChanged(values.Routing("least_busy", 3, 60, 90, 120, 0)),
    section.RoutingChanged(values.Routing()),
    section.TagsChanged(values.Tags(("urgent", "日本語"))),
    section.TagsChanged(values.Tags()),
    section.AppearanceChanged(
        SITE,
        values.Appearance(
            color="#00aa7F",
            theme="dark",
            side="left",
            offset_x=0,
            offset_y=64,
            launcher="bar",
            language="zh-Hant",
            texts={
                "en": values.SiteTexts("Shop", "We are here", "Hi", "Chat", "Write", "Bye", "Ta")
            },
            prechat=FORM,
            offline=FORM,
            files=False,
            emoji=False,
            rating=False,
            hide_when_closed=True,
        ),
    ),
    section.AppearanceChanged(SITE, values.Appearance()),
    file.FileStored(ID, "Maße.txt", "text/plain", 7, "ab" * 32),
    file.FileStored(ID, "a.png", "image/png", 70_000, "cd" * 32, 640, 480, True, ID),
    file.FileShared(ID),
    external.ExternalRecorded(ID, 1, "shop.orders:Order.Placed", b"\x00\xff state"),
    external.ExternalRecorded("order 7", 2, "shop.orders:Order.Paid", b"", text_id=True),
)
