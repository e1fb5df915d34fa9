"""Asks the log for what was planned, step by step, by the operator's own commands.

What is new gets its secrets here; they are told once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.tenant.events import HoursChanged
from ops.configuration import document as d
from ops.configuration.sections import at_sites
from ops.configuration.steps import Step
from ops.goal_operator import GoalOperator
from ops.operator import NewAgent, Operator
from ops.webhook_operator import WebhookOperator, Wishes

Secrets = dict[str, str]
"""What is told once of something new: its id, and what opens it."""

DOES = frozenset({"add", "change", "remove"})
"""The steps that change something."""


class Carrier:
    """Takes steps. Each raises Refused, and CannotRun; those before it stay taken."""

    def __init__(
        self, log: UUID, operator: Operator, webhooks: WebhookOperator, goals: GoalOperator
    ) -> None:
        self._log = log
        self._operator = operator
        self._webhooks = webhooks
        self._goals = goals
        self._made: dict[str, str] = {}  # the ids of new sites by what they were called before

    async def carry(self, steps: list[Step], told: Callable[[Step, Secrets], None]) -> None:
        """Take them all; ``told`` is told of each that was taken."""
        for step in steps:
            if step.action in DOES:
                made = await self._take(step)
                told(step, made)  # before anything else is asked: it is told this once
                if isinstance(step.item, d.Webhook) and made and not step.item.enabled:
                    await self._webhooks.switch(self._log, made["webhook"], on=False)

    async def _take(self, step: Step) -> Secrets:
        if step.section:
            await self._section(step)
            return {}
        match step.item:
            case HoursChanged() as hours:
                await self._operator.set_hours(self._log, hours.zone, hours.week, hours.holidays)
                return {}
            case d.Site() as site:
                return await self._site(step, site)
            case d.Goal() as goal:
                return await self._goal(step.key, goal)
            case d.Webhook() as webhook:
                return await self._webhook(step, webhook)
            case d.Agent() as agent:
                return await self._agent(step.key, agent)
            case None:
                await self._remove(step)
                return {}
            case other:
                raise AssertionError(other)

    async def _section(self, step: Step) -> None:
        key = self._made.get(step.key, step.key)
        if step.action == "remove":
            await self._operator.remove_value(self._log, step.section, key)
        else:
            value: Any = at_sites(step.item, self._made)
            await self._operator.define(self._log, step.section, key, value)

    async def _site(self, step: Step, site: d.Site) -> Secrets:
        if step.key:
            await self._operator.change_site(self._log, step.key, site.name, site.origins)
            return {}
        made = await self._operator.add_site(self._log, site.name, site.origins)
        self._made[step.thought] = made.site
        return {"site": made.site, "site_secret": made.secret}

    async def _goal(self, key: str, goal: d.Goal) -> Secrets:
        if key:
            await self._goals.change(self._log, key, goal.name, goal.url)
            return {}
        return {"goal": (await self._goals.add(self._log, goal.name, goal.url)).goal}

    async def _webhook(self, step: Step, webhook: d.Webhook) -> Secrets:
        if not step.key:
            added = await self._webhooks.add(self._log, webhook.url, webhook.format, webhook.types)
            return {"webhook": added.webhook, "secret": added.secret}
        switched, others = "enabled" in step.fields, set(step.fields) - {"enabled"}
        if switched and not webhook.enabled:  # what is not to be told learns no new wishes
            await self._webhooks.switch(self._log, step.key, on=False)
        if others:
            wishes = Wishes(webhook.url, webhook.format, webhook.types)
            await self._webhooks.change(self._log, step.key, wishes)
        if switched and webhook.enabled:
            await self._webhooks.switch(self._log, step.key, on=True)
        return {}

    async def _agent(self, key: str, agent: d.Agent) -> Secrets:
        if key:
            await self._operator.set_rights(self._log, UUID(key), agent.role, agent.departments)
            await self._profile(UUID(key), agent)
            return {}
        password = self._operator.new_password()
        wanted = NewAgent(agent.email, agent.name, agent.role, password, agent.departments)
        made = await self._operator.create_agent(self._log, wanted)
        await self._profile(made, agent)
        return {"agent": str(made), "password": password}

    async def _profile(self, key: UUID, agent: d.Agent) -> None:
        """How it is called and what it can do; what the file does not say stays."""
        await self._operator.change_profile(
            self._log, key, agent.name, agent.skills, agent.capacity
        )

    async def _remove(self, step: Step) -> None:
        match step.kind:
            case "goal":
                await self._goals.remove(self._log, step.key)
            case "webhook":
                await self._webhooks.remove(self._log, step.key)
            case "agent":
                await self._operator.deactivate(self._log, UUID(step.key))
            case kind:
                raise AssertionError(kind)
