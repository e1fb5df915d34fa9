"""The sections of a tenant's settings: what may stand in them, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Refused
from domain.limits import MAX_RULES, MAX_TEXT
from domain.tenant import commands as c
from domain.tenant import events as te
from domain.tenant import section_events as e
from domain.tenant import values as v
from domain.tenant.decide import TenantCommand, decide
from domain.tenant.reception import Arrival, Received, receive
from domain.tenant.sections import SECTIONS, place_of
from domain.tenant.state import INITIAL, Tenant, evolve
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import Decider

ID = uuid(1)
KEY = str(uuid(2))
SITE = "AYxWAbcdefABCDEF0123456789_-x"
ADDED = te.SiteAdded(SITE, "Shop", "secret")
TEXTS = {"en": "Hello 👨‍👩‍👧", "zh-Hant": "你好\n\u202e\u05e9"}
FIELD = v.Field("email", "email", TEXTS)
FORM = v.Form(TEXTS, (FIELD, v.Field("size", "select", TEXTS, options=(TEXTS,))))
WHEN = v.WelcomeWhen("/prices*", "search", "spring", 20, returning=True, opening="open")
RECEIVED_WHEN = v.ReceptionWhen(SITE, "/zh*", "link", "zh", "sales")
GOOD: dict[str, tuple[str, Any]] = {
    "departments": ("sales", v.Department("Sales", "least_busy", offered=True)),
    "replies": (KEY, v.Reply("hi", "Hello", "Hi {{ visitor.name }}, {{visitor.plan}}", "sales")),
    "welcomes": ("prices", v.Welcome("Prices", TEXTS, sites=(SITE,), when=WHEN)),
    "receptions": (
        "zh",
        v.Reception("Zh", when=RECEIVED_WHEN, then=v.ReceptionThen("cn", ("中文",), ("vip",))),
    ),
    "statuses": ("training", v.Status(TEXTS, available=True)),
    "appearances": (SITE, v.Appearance(texts={"en": v.SiteTexts("Shop")}, prechat=FORM)),
    "routing": ("", v.Routing("round_robin", 3)),
    "tags": ("", v.Tags(("vip", "日本語"))),
}

tenant: Decider[Tenant, TenantCommand] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event, 0), lambda command, s, _: decide(command, s)
)


def define(section: str, value: Any = None, key: str | None = None) -> c.Define:
    """A good value of a section, or this one."""
    usual, good = GOOD[section]
    return c.Define(ID, section, value or good, usual if key is None else key)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_value_is_said_and_said_anew(section: str) -> None:
    """It is there as it was said, whole; what says nothing new is nothing."""
    key, value = GOOD[section]
    outcome = tenant.given(ADDED).when(define(section))
    held = getattr(outcome.state, section)
    assert (held[key] if key else held) == value
    (event,) = decide(define(section), evolve(INITIAL, ADDED, 0))
    outcome.then(event)
    assert place_of(event) == (section, key)
    assert place_of(ADDED) is None
    tenant.given(ADDED, event).when(define(section)).then()


@pytest.mark.parametrize("section", [each for each in SECTIONS if SECTIONS[each].removed])
def test_a_value_is_removed(section: str) -> None:
    """It is gone, and then there is none to remove; others stay."""
    key, value = GOOD[section]
    row = SECTIONS[section]
    assert row.removed is not None
    there = row.defined(key, value)
    gone = tenant.given(ADDED, there).when(c.Remove(ID, section, key)).then(row.removed(key))
    assert getattr(gone.state, section) == {}
    tenant.given(ADDED, there).when(c.Remove(ID, section, "other")).then_refused("not_found")


def test_there_are_only_so_many() -> None:
    """Of each section; what is there already may change."""
    full = [e.WelcomeDefined(f"rule-{n}", v.Welcome("a", TEXTS)) for n in range(MAX_RULES)]
    tenant.given(ADDED, *full).when(define("welcomes")).then_refused("too_many")
    changed = define("welcomes", key="rule-0")
    assert len(tenant.given(ADDED, *full).when(changed).state.welcomes) == MAX_RULES


def changed(value: Struct, path: str, to: Any) -> Struct:
    """A value with something else at a place in it."""
    name, _, rest = path.partition(".")
    inner = changed(getattr(value, name), rest, to) if rest else to
    return replace(value, **{name: inner})


WRONG: tuple[tuple[str, str, Any, str], ...] = (
    ("departments", "name", "", "name is one line"),
    ("departments", "name", "two\nlines", "name is one line"),
    ("departments", "name", " ", "name is blank"),
    ("departments", "strategy", "luck", "strategy is one of round_robin"),
    ("replies", "shortcut", "two words", "shortcut is one word"),
    ("replies", "title", "", "title is one line"),
    ("replies", "text", "a" * (MAX_TEXT + 1), "text is a text of 1 to 10,000"),
    ("replies", "text", "hi {{visitor}}", "text has an unknown placeholder {{visitor}}"),
    ("replies", "department", "no department", "department is a word"),
    ("replies", "file", "x", "file is the id of a file"),
    ("welcomes", "name", "\0", "name is one line"),
    ("welcomes", "text", {}, "text has a text for 1"),
    ("welcomes", "text", {"en": "\n"}, "text.en is a text"),
    ("welcomes", "text", {"e n": "Hi"}, "text names languages such as en"),
    ("welcomes", "sites", ("elsewhere",), "sites names a site that is not here"),
    ("welcomes", "sites", (SITE, SITE), "sites has"),
    ("welcomes", "order", -1, "order is a number from 0"),
    ("welcomes", "when.page", "prices", "when.page is a path"),
    ("welcomes", "when.source", "luck", "when.source is one of"),
    ("welcomes", "when.campaign", "", "when.campaign is one line"),
    ("welcomes", "when.after_s", -1, "when.after_s is a number"),
    ("welcomes", "when.opening", "ajar", "when.opening is one of"),
    ("receptions", "when.site", "elsewhere", "when.site names a site"),
    ("receptions", "when.page", "https://x", "when.page is a path"),
    ("receptions", "when.channel", "fax", "when.channel is one of"),
    ("receptions", "when.language", "!", "when.language names languages"),
    ("receptions", "when.department", "1", "when.department is a word"),
    ("receptions", "then.department", "", "then.department is a word"),
    ("receptions", "then.skills", ("a" * 65,), "then.skills is one line"),
    ("receptions", "then.skills", ("a",) * 2, "then.skills has 'a' twice"),
    ("receptions", "then.tags", ("",), "then.tags is one line"),
    ("statuses", "name", {"en": "a" * 81}, "name.en is a text of 1 to 80"),
    ("appearances", "color", "red", "color is a colour such as"),
    ("appearances", "theme", "neon", "theme is one of"),
    ("appearances", "side", "top", "side is one of"),
    ("appearances", "offset_x", 501, "offset_x is a number"),
    ("appearances", "offset_y", -1, "offset_y is a number"),
    ("appearances", "launcher", "square", "launcher is one of"),
    ("appearances", "language", "?", "language names languages"),
    ("appearances", "texts", {"?": v.SiteTexts()}, "texts names languages"),
    ("appearances", "texts", {"en": v.SiteTexts(title="\n")}, "texts.en.title is one line"),
    ("appearances", "texts", {"en": v.SiteTexts(away="\0")}, "texts.en.away is a text"),
    ("appearances", "prechat", v.Form(), "prechat.fields has at least one"),
    ("appearances", "offline", v.Form({}, (FIELD, FIELD)), "offline.fields has 'email' twice"),
    ("appearances", "prechat.fields", (replace(FIELD, key="A"),), "prechat.fields[0].key is a"),
    ("appearances", "prechat.fields", (replace(FIELD, kind="tel"),), "prechat.fields[0].kind is"),
    ("appearances", "prechat.fields", (replace(FIELD, label={}),), "prechat.fields[0].label has"),
    ("appearances", "prechat.fields", (replace(FIELD, options=(TEXTS,)),), "are for a select"),
    ("appearances", "prechat.fields", (v.Field("a", "select", TEXTS),), "options are missing"),
    ("routing", "strategy", "luck", "strategy is one of"),
    ("routing", "capacity", 0, "capacity is a number from 1"),
    ("routing", "release_after_s", -1, "release_after_s is a number from 0"),
    ("tags", "tags", ("a" * 65,), "tags is one line of 1 to 64"),
    ("tags", "tags", ("a", "a"), "tags has 'a' twice"),
)


@pytest.mark.parametrize(("section", "path", "wrong", "said"), WRONG)
def test_what_is_wrong_is_named(section: str, path: str, wrong: Any, said: str) -> None:
    """Field by field, in a sentence."""
    command = define(section, changed(GOOD[section][1], path, wrong))
    with pytest.raises(Refused) as refused:
        decide(command, evolve(INITIAL, ADDED, 0))
    assert refused.value.code == "bad_request"
    assert said in refused.value.message
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("departments", "1"),
        ("replies", "hello"),
        ("welcomes", "Hello"),
        ("receptions", "a_b"),
        ("statuses", "online"),
        ("statuses", "erased"),
        ("statuses", "A"),
        ("welcomes", "a\n"),
    ],
)
def test_keys_have_a_form(section: str, key: str) -> None:
    """A status is none that is built in."""
    tenant.given(ADDED).when(define(section, key=key)).then_refused("bad_request")


def test_an_appearance_is_of_a_site() -> None:
    """One that is here."""
    tenant.given().when(define("appearances")).then_refused("not_found")
    assert tenant.given(ADDED).when(define("statuses", key="online-2")).state.statuses


def test_a_shortcut_is_one_replys() -> None:
    """Within its department; written large or small."""
    there = e.ReplyDefined(KEY, GOOD["replies"][1])
    other = define("replies", replace(GOOD["replies"][1], shortcut="HI"), str(uuid(3)))
    tenant.given(there).when(other).then_refused("exists")
    elsewhere = replace(other, value=replace(other.value, department=None))
    assert len(tenant.given(there).when(elsewhere).state.replies) == 2


def rule(order: int = 0, *, enabled: bool = True, **when: Any) -> v.Reception:
    """A reception rule with all that it can do."""
    then = v.ReceptionThen("cn", ("chinese",), ("vip",))
    return v.Reception("r", enabled, order, v.ReceptionWhen(**when), then)


ARRIVAL = Arrival(SITE, "https://shop.example/zh/a?b", "widget", "zh-CN")


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"site": SITE, "page": "/zh/*", "channel": "widget", "language": "zh"}, True),
        ({"language": "ZH-cn"}, True),
        ({"language": "z"}, False),
        ({"language": "zh-TW"}, False),
        ({"site": "other"}, False),
        ({"page": "/en*"}, False),
        ({"channel": "api"}, False),
        ({"department": "sales"}, False),
    ],
)
def test_a_rule_fits_what_it_says(when: dict[str, Any], *, fits: bool) -> None:
    """All of it must be so."""
    received = receive({"a": rule(**when)}, ARRIVAL)
    assert received == (Received("cn", ("chinese",), ("vip",), "a") if fits else Received())


def test_the_first_rule_counts() -> None:
    """By order, then by key; one that is off is none; a chosen department stays."""
    rules = {"b": rule(1), "c": rule(0, enabled=False), "a": rule(1), "d": rule(2)}
    assert receive(rules, ARRIVAL).rule == "a"
    chosen = receive(rules, replace(ARRIVAL, department="sales"))
    assert (chosen.department, chosen.skills) == ("sales", ("chinese",))
    assert receive({}, replace(ARRIVAL, department="sales")) == Received("sales")
    assert receive({"a": rule(page="/zh*")}, Arrival()) == Received()
