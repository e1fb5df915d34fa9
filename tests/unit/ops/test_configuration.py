"""A configuration as a file: what it asks of a tenant, and what is wrong in it, by its line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.agent.state import Agent
from domain.tenant.events import HoursChanged, SiteAdded
from domain.tenant.goals import Goal
from domain.tenant.state import Tenant
from domain.tenant.webhooks import Webhook
from ops.configuration import document as d
from ops.configuration.plan import SECRET, planned
from ops.configuration.present import Present, configuration
from ops.configuration.steps import Step
from ops.configuration.toml_file import LONGEST, Fault, line_of, parse, read, write
from ops.errors import CannotRun
from ops.hours_text import holiday_of, week_of
from tests.doubles.appends import uuid

FILE = Path("here.toml")
ADA, GRACE = uuid(1), uuid(2)

WEEK = week_of("mon-fri 09:00-18:00")

NOW = Present(
    Tenant(
        name="acme",
        secret=b"secret",
        hours=HoursChanged("Europe/Berlin", WEEK, (holiday_of("2026-12-25"),)),
        sites={
            "s1": SiteAdded("s1", "Shop", "very secret", ("https://shop.example",)),
            "s2": SiteAdded("s2", "Blog", "very secret"),
        },
        webhooks={
            "w1": Webhook("w1", "https://hooks.example/a", SECRET, "standard", ()),
            "w2": Webhook("w2", "https://hooks.example/a", SECRET, "standard", (), (), "gone"),
        },
        goals={"g1": Goal("g1", "Bought", "/checkout/done")},
    ),
    {
        "ada@acme.example": (ADA, Agent("Ada@acme.example", "Ada", "admin", "x", active=True)),
        "grace@acme.example": (
            GRACE,
            Agent("grace@acme.example", "Grace", "limited", "x", ("sales",), active=True),
        ),
    },
    ("sales", "support"),
)  # fmt: skip

EMPTY = Present(Tenant(name="other", secret=b"other"), {}, ())


def actions(steps: list[Step]) -> dict[tuple[str, str], str]:
    """What becomes of each."""
    return {(step.kind, step.name): step.action for step in steps}


def test_what_was_exported_changes_nothing_where_it_was() -> None:
    """Written, read and compared: all is so already, two webhooks at one address included."""
    text = write(configuration(NOW))
    wanted = parse(FILE, text)
    assert wanted == configuration(NOW)
    steps = planned(wanted, NOW, prune=True)
    assert {step.action for step in steps} == {"leave"}
    assert len(steps) == 8


def test_no_secret_is_in_a_file() -> None:
    """Neither a site's, nor a webhook's, nor a password."""
    text = write(configuration(NOW))
    assert not [word for word in ("very secret", SECRET, "password =") if word in text]


def test_elsewhere_everything_is_added() -> None:
    """Another tenant has neither ids nor anything else of it."""
    wanted = configuration(NOW)
    single = replace(wanted, webhooks=wanted.webhooks[:1])
    steps = planned(single, EMPTY, prune=False)
    assert {step.action for step in steps} == {"add"}
    assert {step.kind for step in steps} == {"hours", "site", "goal", "webhook", "agent"}
    assert not [step.key for step in steps if step.key]


def test_what_is_called_alike_is_matched_in_its_order_elsewhere() -> None:
    """Two sites of a name, two webhooks of an address: both are made, and found again."""
    site = d.Site("Shop")
    wanted = replace(
        configuration(NOW), agents=(), sites=(replace(site, id="a"), replace(site, id="b"))
    )
    steps = planned(wanted, EMPTY, prune=False)
    assert [step.kind for step in steps].count("webhook") == 2
    assert [step.kind for step in steps].count("site") == 2
    assert {step.action for step in steps} == {"add"}
    there = {each.site: each for each in (SiteAdded("c", "Shop", ""), SiteAdded("d", "Shop", ""))}
    again = planned(wanted, replace(EMPTY, tenant=replace(EMPTY.tenant, sites=there)), prune=True)
    sites = [(step.action, step.key) for step in again if step.kind == "site"]
    assert sites == [("leave", "c"), ("leave", "d")]


def test_only_what_differs_is_changed() -> None:
    """By id or by what people know it by, each with the fields that change."""
    wanted = d.Configuration(
        format=1,
        hours=d.Hours("Asia/Shanghai", "mon-fri 09:00-18:00", ("2026-12-25",)),
        sites=(d.Site("Store", ("https://shop.example",), "s1"), d.Site("Shop"), d.Site("Blog")),
        agents=(d.Agent(" ADA@acme.example ", "Ada", "admin"), d.Agent("new@x.example", "N")),
        webhooks=(d.Webhook("https://hooks.example/b", id="w1", enabled=False),),
        goals=(d.Goal("Bought", "/checkout/*"),),
    )
    steps = planned(wanted, NOW, prune=False)
    assert actions(steps) == {
        ("hours", "Asia/Shanghai"): "change",
        ("site", "Store"): "change",
        ("site", "Shop"): "add",
        ("site", "Blog"): "leave",
        ("agent", " ADA@acme.example "): "leave",
        ("agent", "new@x.example"): "add",
        ("agent", "grace@acme.example"): "keep",
        ("webhook", "https://hooks.example/b"): "change",
        ("webhook", "https://hooks.example/a"): "keep",
        ("goal", "Bought"): "change",
    }
    changed = {step.kind: step.fields for step in steps if step.action == "change"}
    assert changed == {
        "hours": ("zone",),
        "site": ("name",),
        "webhook": ("url", "enabled"),
        "goal": ("url",),
    }
    order = [step.action for step in steps]
    assert order.index("change") < order.index("add"), "a name is free before it is given anew"


def test_pruned_what_is_not_named_goes() -> None:
    """All but sites, which cannot be removed, and the last admin, without whom nobody could."""
    wanted = d.Configuration(format=1, agents=(d.Agent("ada@acme.example", "Ada", "admin"),))
    steps = actions(planned(wanted, NOW, prune=True))
    assert steps["agent", "grace@acme.example"] == "remove"
    assert steps["goal", "Bought"] == steps["webhook", "https://hooks.example/a"] == "remove"
    assert steps["site", "Shop"] == steps["site", "Blog"] == "keep"
    with pytest.raises(Fault, match="no admin would be left"):
        planned(d.Configuration(format=1), NOW, prune=True)
    assert set(actions(planned(d.Configuration(format=1), NOW, prune=False)).values()) == {"keep"}


# --- what is wrong ----------------------------------------------------------------------------

GOOD = """\
format = 1
departments = ["sales"]

[hours]
zone = "Europe/Berlin"
week = "mon-fri 09:00-18:00"

[[sites]]
name = "Shop"
origins = ["https://shop.example"]

[[agents]]
email = "ada@acme.example"
name = "Ada"
role = "admin"

[[agents]]
email = "grace@acme.example"
name = "Grace"
role = "limited"
departments = ["sales"]

[[webhooks]]
url = "https://hooks.example/c"

[[goals]]
name = "Bought"
url = "/checkout/done"
"""

WRONG = [
    ("format = 1", "format = 2", 1, "reads format 1, not 2"),
    ("format = 1", "", None, "'format' is missing"),
    ("format = 1", "formt = 1\nformat = 1", 1, "'formt' is unknown here"),
    ('zone = "Europe/Berlin"', 'zone = "Europe/Bonn"', 4, "no time zone 'Europe/Bonn'"),
    ("mon-fri 09", "mon-fry 09", 6, "'mon-fry' is no day"),
    ("https://shop.example", "shop.example", 10, "An origin is such as"),
    ('name = "Shop"', 'name = ""', 9, "A site's name has"),
    ('role = "admin"', 'role = "boss"', 15, "An agent's role is one of"),
    ('role = "limited"', "role = 7", 20, "Expected `str`, got `int`"),
    ('role = "limited"', 'rolle = "limited"', 20, "'rolle' is unknown here"),
    ('departments = ["sales"]\n\n[[w', 'departments = ["slaes"]\n\n[[w', 21, "none of the dep"),
    ("grace@acme.example", "grace", 18, "is not an e-mail address"),
    ("grace@acme.example", "ADA@acme.example", 18, "stands in the file twice"),
    ('name = "Grace"', 'name = ""', 19, "An agent's name has 1 to"),
    ("https://hooks.example/c", "ftp://hooks.example", 24, "The webhook's address"),
    ('"https://hooks.example/c"', '"https://h.example"\ntypes = ["rain"]', 24, "is not sent"),
    ('"/checkout/done"', '"checkout"', 28, "A goal's page is a path"),
    ("format = 1", "format = ", 1, "is not a TOML file"),
    ('[hours]\nzone = "Europe/Berlin"', "[hours]", 4, "'zone' is missing"),
]


@pytest.mark.parametrize(("before", "after", "line", "what"), WRONG)
def test_what_is_wrong_is_said_by_its_line(
    before: str, after: str, line: int | None, what: str
) -> None:
    """Whatever the log would refuse, and what is only misspelt, before anything is written."""
    assert before in GOOD
    text = GOOD.replace(before, after, 1)
    with pytest.raises(CannotRun) as refused:
        planned(parse(FILE, text), NOW, prune=False)
    wrong = refused.value
    said = str(wrong.told(FILE, text) if isinstance(wrong, Fault) else wrong)
    assert what in said
    assert said.startswith(f"{FILE}, line {line}: " if line and "TOML" not in what else str(FILE))
    assert "TOML" not in what or f"line {line}" in said


def test_a_good_file_is_good() -> None:
    """What the wrong ones are made of."""
    assert planned(parse(FILE, GOOD), NOW, prune=False)


def test_who_was_ended_is_not_brought_back() -> None:
    """Its address can never be another's."""
    ended = replace(NOW.agents["grace@acme.example"][1], active=False)
    now = replace(NOW, agents={**NOW.agents, "grace@acme.example": (GRACE, ended)})
    with pytest.raises(Fault, match="was deactivated"):
        planned(parse(FILE, GOOD), now, prune=False)


def test_so_many_webhooks_and_no_more() -> None:
    """The limit counts those that are there and those that come."""
    many = tuple(d.Webhook(f"https://hooks.example/{n}") for n in range(31))
    with pytest.raises(Fault, match="may be 32 webhooks"):
        planned(d.Configuration(format=1, webhooks=many), NOW, prune=False)


@pytest.mark.parametrize("kind", ["sites", "goals", "webhooks"])
def test_nothing_stands_in_a_file_twice(kind: str) -> None:
    """By name or address, and by id."""
    exported = msgspec.to_builtins(configuration(NOW))
    item = exported[kind][0]
    for more in (item, {**item, "id": "elsewhere"}):
        form = {"format": 1, kind: [item, more]}
        with pytest.raises(Fault, match="twice") as fault:
            planned(msgspec.convert(form, d.Configuration), NOW, prune=False)
        assert fault.value.place == (kind, 1)


names = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30)


@settings(max_examples=40)
@given(st.lists(st.tuples(names, names), max_size=4))
def test_any_name_survives_the_file(pairs: list[tuple[str, str]]) -> None:
    """Quotes, backslashes, brackets, emoji: what is read is what was written."""
    agents = tuple(d.Agent(email, name) for email, name in pairs)
    wanted = d.Configuration(format=1, tenant="acme", agents=agents)
    text = write(wanted)
    assert parse(FILE, text) == wanted
    for n in range(len(pairs)):
        line = line_of(text, ("agents", n, "name"))
        assert line is not None
        assert tomllib.loads(text.splitlines()[line - 1])["name"] == pairs[n][1]


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path) -> None:
    """Bytes that are no text, and more of them than any configuration has."""
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(CannotRun, match="not in UTF-8"):
        read(path)
    path.write_bytes(b"#" * (LONGEST + 1))
    with pytest.raises(CannotRun, match="too long"):
        read(path)
