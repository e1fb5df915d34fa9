"""The sections of the settings in a configuration: written, read, compared, carried elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from domain.tenant import values as v
from domain.tenant.events import SiteAdded
from domain.tenant.state import Tenant
from ops.configuration import document as d
from ops.configuration.carry import Carrier
from ops.configuration.plan import planned
from ops.configuration.present import Present, configuration
from ops.configuration.steps import Step
from ops.configuration.toml_file import Fault, parse, write
from ops.errors import CannotRun
from tests.doubles.appends import uuid

FILE = Path("here.toml")
REPLY, TEXTS = str(uuid(7)), {"en": "Hello", "zh": "你好\n客户"}
FIELD = v.Field("size", "select", TEXTS, options=({"en": "S"}, {"en": "L"}))
LOOK = v.Appearance(
    color="#123456",
    texts={"zh": v.SiteTexts("聊天")},
    prechat=v.Form(TEXTS, (FIELD, replace(FIELD, key="other"))),
)
TENANT = Tenant(
    name="acme",
    sites={"s1": SiteAdded("s1", "Shop", "secret"), "s2": SiteAdded("s2", "Blog", "secret")},
    departments={"sales": v.Department("Sales", "least_busy", offered=True)},
    replies={REPLY: v.Reply("hi", "Hello", "Hi {{visitor.name}}", "sales")},
    welcomes={"hello": v.Welcome("Hello", TEXTS, sites=("s2",), when=v.WelcomeWhen("/a*"))},
    receptions={
        "blog": v.Reception(
            "Blog", when=v.ReceptionWhen(site="s2"), then=v.ReceptionThen(tags=("a",))
        )
    },
    statuses={"lunch": v.Status({"en": "Lunch"})},
    appearances={"s2": LOOK},
    routing=v.Routing("round_robin", 3),
    tags=v.Tags(("vip", "日本語")),
)
NOW = Present(TENANT, {}, ("sales", "support"))
OTHER = Present(Tenant(name="other", sites={"x": SiteAdded("x", "Shop", "s")}), {}, ())
KINDS = {
    "department", "reply", "welcome rule", "reception rule", "status", "appearance", "routing",
    "tags",
}  # fmt: skip


def of_sections(steps: list[Step]) -> dict[str, str]:
    """What becomes of each kind of value."""
    return {step.kind: step.action for step in steps if step.section}


def test_what_was_exported_changes_nothing_where_it_was() -> None:
    """Forms in sites, texts in rules and all: written, read and compared; a label is no value."""
    wanted = parse(FILE, write(configuration(NOW)))
    assert wanted == configuration(NOW)
    assert wanted.departments is not None
    assert [each.name for each in wanted.departments if isinstance(each, d.Department)] == [
        "Sales",
        None,
    ]
    assert of_sections(planned(wanted, NOW, prune=True)) == dict.fromkeys(KINDS, "leave")


class Operator:
    """An operator of whom only what was asked is kept; new sites get the id ``made``."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], Any] = {}
        self.removed: list[tuple[str, str]] = []

    async def add_site(self, *_: object) -> Any:
        return SiteAdded("made", "Blog", "secret")

    async def define(self, log: object, section: str, key: str, value: Any) -> None:
        self.asked[section, key] = value

    async def remove_value(self, log: object, section: str, key: str) -> None:
        self.removed.append((section, key))


async def test_elsewhere_rules_are_of_the_sites_there() -> None:
    """One that is there by its name, one that is new by the id that it gets."""
    wanted = parse(FILE, write(configuration(NOW)))
    steps = planned(wanted, OTHER, prune=False)
    expected = {**dict.fromkeys(KINDS, "add"), "routing": "change", "tags": "change"}
    assert of_sections(steps) == expected
    operator, nobody = Operator(), Any
    carrier = Carrier(uuid(1), operator, nobody, nobody)  # type: ignore[arg-type]  # only asked
    await carrier.carry(steps, lambda *_: None)
    assert operator.asked["welcomes", "hello"].sites == ("made",)
    assert operator.asked["receptions", "blog"].when.site == "made"
    assert operator.asked["appearances", "made"] == LOOK
    assert operator.asked["routing", ""] == v.Routing("round_robin", 3)
    assert len(operator.asked) == len(KINDS)


async def test_pruned_what_is_not_named_goes_first() -> None:
    """So its shortcut is free; departments go only where the file says which there are."""
    same = d.Reply(
        **{
            **{n: getattr(TENANT.replies[REPLY], n) for n in v.Reply.__struct_fields__},
            "id": str(uuid(8)),
        }
    )
    wanted = d.Configuration(format=1, replies=(same,))
    with pytest.raises(Fault, match="has the shortcut"):
        planned(wanted, NOW, prune=False)
    operator, nobody = Operator(), Any
    carrier = Carrier(uuid(1), operator, nobody, nobody)  # type: ignore[arg-type]  # only asked
    steps = planned(wanted, NOW, prune=True)
    await carrier.carry(steps, lambda *_: None)
    gone = {
        ("replies", REPLY),
        ("welcomes", "hello"),
        ("receptions", "blog"),
        ("statuses", "lunch"),
    }
    assert set(operator.removed) == gone
    assert list(operator.asked) == [("replies", same.id)]
    none = planned(replace(wanted, departments=("support",)), NOW, prune=True)
    assert [step.action for step in none if step.kind == "department"] == ["remove"]


@pytest.mark.parametrize(
    ("before", "after", "heading", "said"),
    [
        ('page = "/a*"', 'pgae = "/a*"', "", "'pgae' is unknown here"),
        ('strategy = "round_robin"', 'strategy = "luck"', "[routing]", "strategy is one of"),
        ('color = "#123456"', 'color = "red"', "[[sites]]", "color is a colour"),
        ('id = "lunch"', 'id = "online"', "[[statuses]]", "The key of a status"),
        ('"s2",', '"s3",', "[[welcomes]]", "sites names a site that is not here"),
    ],
)
def test_what_is_wrong_is_said_by_its_line(
    before: str, after: str, heading: str, said: str
) -> None:
    """In tables within tables too; a value that cannot be is told by its table."""
    text = write(configuration(NOW))
    assert text.count(before) == 1
    wrong = text.replace(before, after)
    with pytest.raises(CannotRun, match=said) as refused:
        planned(parse(FILE, wrong), NOW, prune=False)
    error = refused.value
    told = str(error.told(FILE, wrong) if isinstance(error, Fault) else error)
    line = int(told.partition("line ")[2].partition(":")[0])
    there = wrong.splitlines()[line - 1]
    assert there == (heading or after)
