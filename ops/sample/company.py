"""The shop of the sample: Halden & Rye, makers of stationery, with its people and its settings."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from domain.tenant import values as v
from domain.tenant.events import Shifts

ZONE: Final = "Europe/London"
DAY: Final[Shifts] = ((7 * 60, 22 * 60),)
WEEKEND: Final[Shifts] = ((9 * 60, 20 * 60),)
WEEK: Final = (DAY, DAY, DAY, DAY, DAY, WEEKEND, WEEKEND)

ORIGIN: Final = "https://www.halden-rye.example"


class Colleague(Struct, frozen=True):
    """Somebody who answers. ``shift`` is from which hour to which, by the shop's clock."""

    name: str
    email: str
    departments: tuple[str, ...]
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    shift: tuple[int, int] = (9, 18)


SHIFTS: Final[dict[str, Colleague]] = {
    each.name: each
    for each in (
        Colleague("Mia", "mia@demo.example", ("shop",), ("german",), 6, (8, 17)),
        Colleague("Noah", "noah@demo.example", ("workshop",), (), 5, (9, 18)),
        Colleague("Priya", "priya@demo.example", ("shop", "workshop"), (), 6, (12, 21)),
        Colleague("Chen Yu", "chenyu@demo.example", ("shop",), ("chinese",), 4, (7, 16)),
        Colleague("Tom", "tom@demo.example", ("orders",), (), 8, (8, 20)),
    )
}
"""Everybody who answers, by name. The first two are the demonstration's own agents."""

DEPARTMENTS: Final = {
    "shop": v.Department("Shop", offered=True),
    "orders": v.Department("Orders & delivery", "round_robin", offered=True),
    "workshop": v.Department("Workshop & repairs", "least_busy", offered=True),
}

ROUTING: Final = v.Routing(strategy="least_busy", capacity=5)

TAGS: Final = v.Tags(
    ("delivery", "return", "repair", "ink", "gift", "wholesale", "invoice", "damaged", "praise")
)

STATUSES: Final = {
    "lunch": v.Status({"en": "At lunch", "zh": "午餐中"}),
    "bench": v.Status({"en": "At the bench", "zh": "在工作台"}),
}

REPLIES: Final = (
    v.Reply(
        "hello",
        "Greeting",
        "Hello {{visitor.name}}, {{agent.name}} here from {{site.name}}. How can I help?",
    ),
    v.Reply(
        "track",
        "Where is my order",
        "Could you tell me your order number? It begins with HR- and is in our e-mail.",
        "orders",
    ),
    v.Reply(
        "return",
        "Returns",
        "You can send anything back within 30 days, used or not. I will e-mail you a label.",
        "orders",
    ),
    v.Reply(
        "repair",
        "Repairs",
        "We repair what we made, for as long as we can hold it. Send us a photo of the damage,"
        " and I will tell you what it takes.",
        "workshop",
    ),
    v.Reply(
        "ink",
        "Which ink",
        "For everyday writing take Harbour: it dries in about 8 seconds. Moss shades more, and"
        " takes 15.",
        "shop",
    ),
    v.Reply(
        "later",
        "Write back later",
        "I have to ask at the press. May I write to you by e-mail today?",
    ),
    v.Reply("bye", "Goodbye", "Gladly. Enjoy writing, and come back whenever you like."),
)

WELCOMES: Final = {
    "inks": v.Welcome(
        "Ink advice",
        {
            "en": "Not sure which ink suits your pen? Tell us which one you have.",
            "zh": "不确定哪款墨水适合您的钢笔？告诉我们您用的是哪一支。",
        },
        order=1,
        when=v.WelcomeWhen(page="/inks/*", after_s=20),
    ),
    "again": v.Welcome(
        "Welcome back",
        {"en": "Good to see you again. Can we help with anything?", "zh": "欢迎回来，需要帮忙吗？"},
        order=2,
        when=v.WelcomeWhen(returning=True, after_s=10, opening="open"),
    ),
}

RECEPTIONS: Final = {
    "chinese": v.Reception(
        "Chinese speakers",
        order=1,
        when=v.ReceptionWhen(language="zh"),
        then=v.ReceptionThen("shop", ("chinese",)),
    ),
    "repairs": v.Reception(
        "Repairs page",
        order=2,
        when=v.ReceptionWhen(page="/repairs/*"),
        then=v.ReceptionThen("workshop", (), ("repair",)),
    ),
}

_NAME = v.Field("name", "text", {"en": "Your name", "zh": "您的称呼"})
_EMAIL = v.Field("email", "email", {"en": "E-mail address", "zh": "电子邮箱"}, required=True)
_QUESTION = v.Field("question", "textarea", {"en": "Your message", "zh": "您的留言"}, required=True)

APPEARANCE: Final = v.Appearance(
    color="#2c5f5d",
    texts={
        "en": v.SiteTexts(
            title="Halden & Rye",
            subtitle="We usually answer within two minutes",
            greeting="Hello! Ask us about paper, ink, an order or a repair.",
            away="We are at home now. Leave a message, and we answer by e-mail.",
        ),
        "zh": v.SiteTexts(
            title="Halden & Rye",
            subtitle="我们通常两分钟内回复",
            greeting="您好！纸张、墨水、订单或维修，都可以问我们。",
            away="我们现在不在。请留言，我们会通过邮件回复。",
        ),
    },
    offline=v.Form(
        {
            "en": "We are back at 7 in the morning. Leave a message, and we answer by e-mail.",
            "zh": "我们早上七点上班。请留言，我们会通过邮件回复。",
        },
        (_NAME, _EMAIL, _QUESTION),
    ),
)

GOALS: Final = (("Order placed", "/thank-you"),)
