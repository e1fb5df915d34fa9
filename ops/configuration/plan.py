"""What a file asks of a tenant, compared with what there is. Pure: nothing is asked of the log.

Whatever the log would refuse is found here, by the very same rules, so that a file that is wrong
changes nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from domain.access import AGENT_ROLES
from domain.agent import decide as agent_rules
from domain.agent.commands import ChangeProfile, CreateAgent
from domain.agent.state import INITIAL, Agent
from domain.digests import normal_email
from domain.handling.staff import SOMEBODY
from domain.tenant import commands as c
from domain.tenant.decide import TenantCommand, decide
from domain.tenant.events import HoursChanged
from domain.tenant.state import Tenant, evolve
from domain.webhooks import signing
from ops.configuration import document as d
from ops.configuration import sections
from ops.configuration.present import Present
from ops.configuration.section_steps import SectionSteps
from ops.configuration.steps import NOBODY, Action, Item, Step, differing, told
from ops.configuration.toml_file import Fault, Place
from ops.hours_text import holiday_of, week_of
from ops.operator import NewAgent, check_agent, check_name

_Named = TypeVar("_Named", d.Site, d.Webhook, d.Goal)

ORDER: tuple[Action, ...] = ("leave", "keep", "change", "add", "remove")
"""In which order steps are taken: what gets another name leaves its old one to what is new."""

SECRET = signing.secret_of(bytes(signing.SECRET_BYTES))
"""Of webhooks that are only thought of."""


def planned(wanted: d.Configuration, now: Present, *, prune: bool) -> list[Step]:
    """The steps, in the order in which they are taken. Raises Fault for the first that cannot be.

    With ``prune`` what the file does not name is removed; a site cannot be.
    """
    plan = _Plan(now.tenant, prune=prune)
    plan.hours(wanted.hours)
    plan.sites(wanted.sites)
    plan.goals(wanted.goals)
    plan.webhooks(wanted.webhooks)
    steps = [*plan.steps, *_agents(wanted, now, prune=prune)]
    steps.sort(key=lambda step: ORDER.index(step.action))
    return [*steps, *plan.sections(wanted)]


class _Plan:
    """Steps of what stands in the tenant's own stream; ``thought`` is as it would be after them."""

    def __init__(self, tenant: Tenant, *, prune: bool) -> None:
        self.steps: list[Step] = []
        self._now = self._thought = tenant
        self._prune = prune
        self._sites: dict[int, str] = {}
        self._site_ids: dict[str, str] = {}

    def hours(self, wanted: d.Hours | None) -> None:
        if wanted is None:
            return
        place = ("hours",)
        week = told((*place, "week"), lambda: week_of(wanted.week))
        holidays = told(
            (*place, "holidays"), lambda: tuple(holiday_of(each) for each in wanted.holidays)
        )
        item, before = HoursChanged(wanted.zone, week, holidays), self._now.hours
        self._think(place, c.SetHours(NOBODY, wanted.zone, week, holidays))
        names = ("zone", "week", "holidays")
        self._add(
            "hours", wanted.zone, "hours" if before else "", item, differing(names, before, item)
        )

    def sites(self, wanted: Sequence[d.Site]) -> None:
        there = self._now.sites
        for n, each, key in _matched("sites", wanted, there, lambda s, site: s.name == site.name):
            place = ("sites", n)
            told((*place, "name"), partial(check_name, each.name, "A site's name"))
            site = key or f"new-{n}"
            self._sites[n] = site
            self._site_ids |= {} if each.id is None else {each.id: site}
            command = c.ChangeSite if key else c.AddSite
            arguments = (each.name, each.origins) if key else (each.name, "", each.origins)
            self._think((*place, "origins"), command(NOBODY, site, *arguments))
            fields = differing(("name", "origins"), there.get(key), each)
            self._add("site", each.name, key, each, fields, site)
        self._others("site", there, lambda site: site.name, removable=False)

    def goals(self, wanted: Sequence[d.Goal]) -> None:
        there = self._now.goals
        for n, each, key in _matched("goals", wanted, there, lambda g, goal: g.name == goal.name):
            command = c.ChangeGoal if key else c.AddGoal
            self._think(
                ("goals", n, "url"), command(NOBODY, key or f"new {n}", each.name, each.url)
            )
            self._add(
                "goal", each.name, key, each, differing(("name", "url"), there.get(key), each)
            )
        self._others("goal", there, lambda goal: goal.name)

    def webhooks(self, wanted: Sequence[d.Webhook]) -> None:
        there = self._now.webhooks
        for n, each, key in _matched("webhooks", wanted, there, _same_receiver):
            wishes = (each.format, each.types)
            command: TenantCommand = (
                c.ChangeWebhook(NOBODY, key, each.url, *wishes)
                if key
                else c.AddWebhook(NOBODY, f"new {n}", each.url, SECRET, *wishes)
            )
            self._think(("webhooks", n, "url"), command)
            before = there.get(key)
            fields = differing(("url", "format", "types"), before, each)
            if before is not None and each.enabled == bool(before.disabled):
                fields += ("enabled",)
            self._add("webhook", each.url, key, each, fields)
        self._others("webhook", there, lambda hook: hook.url)

    def sections(self, wanted: d.Configuration) -> list[Step]:
        """Steps of the settings' sections, in the order in which they are taken."""
        steps = SectionSteps(
            self._now,
            self._think,
            prune=self._prune,
            departments=wanted.departments is not None,
        )
        return steps.of(sections.wishes(wanted, self._sites, self._site_ids))

    def _think(self, place: Place, command: TenantCommand) -> None:
        """Have the log's own rules judge a command, after those before it."""
        for event in told(place, lambda: decide(command, self._thought)):
            self._thought = evolve(self._thought, event, 0)

    def _add(  # noqa: PLR0913, PLR0917  # a step, field by field
        self,
        kind: str,
        name: str,
        key: str,
        item: Item,
        fields: tuple[str, ...],
        thought: str = "",
    ) -> None:
        action: Action = ("change" if fields else "leave") if key else "add"
        told = fields if key else ()
        self.steps.append(Step(action, kind, name, told, key, item, thought=thought))

    def _others(
        self,
        kind: str,
        there: dict[str, Any],
        name: Callable[[Any], str],
        *,
        removable: bool = True,
    ) -> None:
        """What the file does not name."""
        named = {step.key for step in self.steps if step.kind == kind}
        action: Action = "remove" if self._prune and removable else "keep"
        for key, each in there.items():
            if key not in named:
                self.steps.append(Step(action, kind, name(each), key=key))


def _matched(
    table: str, wanted: Sequence[_Named], there: dict[str, Any], same: Callable[[Any, Any], bool]
) -> Iterator[tuple[int, _Named, str]]:
    """Each with its number and the id of what it is here: by id, or else by what it is known by.

    Empty for what is not here yet. Raises Fault for two that are the same. Two that another tenant
    had beside each other, as their ids show, are not: they are matched in their order.
    """

    def twice(each: _Named, other: _Named) -> bool:
        elsewhere = None not in {each.id, other.id} and not {each.id, other.id} & there.keys()
        return same(each, other) and not (elsewhere and each.id != other.id)

    taken = {each.id for each in wanted if each.id in there}
    given: set[str] = set()
    for n, each in enumerate(wanted):
        key = each.id if each.id is not None and each.id in there else ""
        if not key:
            found = (name for name, one in there.items() if same(each, one))
            key = next((name for name in found if name not in taken | given), "")
        alike = any(twice(each, other) for other in wanted if other is not each)
        if key in given or (alike and each.id != key):
            raise Fault((table, n), "It stands in the file twice.")
        given |= {key} if key else set()
        yield n, each, key


def _same_receiver(wanted: Any, there: Any) -> bool:
    return (wanted.url, wanted.format) == (there.url, there.format)


def _agents(wanted: d.Configuration, now: Present, *, prune: bool) -> list[Step]:
    steps: list[Step] = []
    named: set[str] = set()
    labels = None if wanted.departments is None else [_label(each) for each in wanted.departments]
    for n, each in enumerate(wanted.agents):
        place, address = ("agents", n), normal_email(each.email)
        if address in named:
            raise Fault((*place, "email"), "It stands in the file twice.")
        named.add(address)
        _check_agent(place, each, labels)
        key, before = now.agents.get(address, (None, None))
        steps.append(_agent(place, each, key, before))
    others = [
        (address, key)
        for address, (key, each) in now.agents.items()
        if each.active and address not in named
    ]
    action: Action = "remove" if prune else "keep"
    steps += [Step(action, "agent", address, key=str(key)) for address, key in others]
    if prune and others:
        _demand_admin(wanted, now)
    return steps


def _label(department: str | d.Department) -> str:
    return department if isinstance(department, str) else department.id


def _check_agent(place: Place, each: d.Agent, departments: Sequence[str] | None) -> None:
    if each.role not in AGENT_ROLES:
        raise Fault((*place, "role"), f"An agent's role is one of {', '.join(AGENT_ROLES)}.")
    told((*place, "name"), partial(check_name, each.name, "An agent's name"))
    new = NewAgent(each.email, each.name, each.role, "", each.departments)
    told((*place, "email"), lambda: check_agent(new))
    command = CreateAgent(
        NOBODY, NOBODY, each.email, each.name, each.role, "", "", each.departments
    )
    told((*place, "departments"), lambda: agent_rules.decide(command, INITIAL))
    profile = ChangeProfile(NOBODY, NOBODY, each.name, each.capacity, each.skills or ())
    told(place, lambda: agent_rules.decide(profile, SOMEBODY))
    unknown = [] if departments is None else [n for n in each.departments if n not in departments]
    if unknown:
        what = f"{unknown[0]!r} is none of the departments that the file names."
        raise Fault((*place, "departments"), what)


def _agent(place: Place, each: d.Agent, key: UUID | None, before: Agent | None) -> Step:
    if key is None or before is None:
        return Step("add", "agent", each.email, item=each)
    if not before.active:
        what = "This agent was deactivated: it cannot be changed, nor its address given to another."
        raise Fault((*place, "email"), what)
    profile = [name for name in ("skills", "capacity") if getattr(each, name) is not None]
    fields = differing(("name", "role", "departments", *profile), before, each)
    return Step("change" if fields else "leave", "agent", each.email, fields, str(key), each)


def _demand_admin(wanted: d.Configuration, now: Present) -> None:
    """Refuse to remove the last who may see what concerns the whole tenant."""
    before = any(each.active and each.role == "admin" for _, each in now.agents.values())
    if before and not any(each.role == "admin" for each in wanted.agents):
        raise Fault(("agents",), "Pruned so, no admin would be left: name one.")
