"""The sample into the log of a tenant that has nothing yet: settings, people, week, all at once."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain import credentials as secrets
from domain import digests
from domain.access import AGENT_ROLES
from domain.agent.commands import ChangeProfile, CreateAgent, Retire
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.permissions import SCOPES
from domain.tenant import commands as t
from domain.tenant.values import Value
from ops.asking import ACTOR
from ops.core import Core
from ops.credentials import Credentials
from ops.dataset.drawing import Dice
from ops.operator import NewAgent
from ops.sample import company
from ops.sample.chronicle import Chronicle, Happening
from ops.sample.script import Stage
from ops.sample.week import DAYS, Week

NO_PASSWORD = "none"  # noqa: S105  # no hash, so nothing that is typed in matches it
"""What colleagues who are not the demonstration's have, until an admin gives them one."""

_DAY = 24 * 3600 * 1_000_000
_BEFORE = (DAYS + 2) * _DAY


class Hashed(Struct, frozen=True):
    """Somebody who can sign in, with the hash of the password."""

    agent: NewAgent
    hash: str


async def fill(
    core: Core, log: UUID, document: Credentials, site: str, people: list[Hashed]
) -> int:
    """Write the sample into an empty log, all or nothing; how many events it has.

    ``document`` has the secrets, ``people`` those who can sign in, the admin first; ``site`` is the
    site's name. A log that is not empty any more is left as it is.
    """
    dice = Dice(core.ids.random(16).hex())
    now = int(core.clock.now() * 1_000_000)
    script = _Script(core, log, dice, now - _BEFORE)
    stage = script.begin(document, site, people)
    chronicle = Chronicle(log, core.database.store)
    story = [*script.done, *Week(stage, now, dice).happenings()]
    story += [Happening(now, Sender(log, ACTOR), each) for each in _go_home(stage, dice, now)]
    decided = (chronicle.decide(happening) for happening in story)
    dated = [each for each in decided if each is not None]
    async with core.database.bulk(log) as bulk:
        if bulk.committed:
            return 0
        await bulk.append(dated)
        await bulk.flush()
    return sum(len(part.events) for each in dated for part in each.append.parts)


def _go_home(stage: Stage, dice: Dice, now: int) -> list[Command]:
    """Nobody is at a desk until somebody signs in."""
    return [Retire(dice.uuid(now), agent) for agent in stage.agents.values()]


class _Script:
    """What the operator did before the first day."""

    def __init__(self, core: Core, log: UUID, dice: Dice, at: int) -> None:
        self._core = core
        self._log = log
        self._dice = dice
        self._at = at
        self._secret = core.ids.random(secrets.SECRET_BYTES)
        self.done: list[Happening] = []

    def begin(self, document: Credentials, site: str, people: list[Hashed]) -> Stage:
        """The tenant, its site and key, its people, its settings."""
        self._do(t.CreateTenant(self._id(), document.tenant, self._secret))
        added = t.AddSite(self._id(), document.site, site, document.site_secret)
        self._do(added)
        key = secrets.parse_api_key(document.api_key)
        assert key is not None
        self._do(t.CreateApiKey(self._id(), key.key, key.digest, tuple(SCOPES)))
        self._do(t.SetHours(self._id(), company.ZONE, company.WEEK))
        for name, url in company.GOALS:
            self._do(t.AddGoal(self._id(), str(self._id()), name, url))
        self._settings(document.site)
        return Stage(self._log, document.site, self._people(people))

    def _people(self, people: list[Hashed]) -> dict[str, UUID]:
        known = {each.agent.email: each for each in people}
        agents = {}
        for colleague in company.SHIFTS.values():
            signing = known.pop(colleague.email, None)
            password = NO_PASSWORD if signing is None else signing.hash
            agent = self._agent(
                colleague.email, colleague.name, "agent", password, colleague.departments
            )
            profile = ChangeProfile(
                self._id(), agent, colleague.name, colleague.capacity, colleague.skills
            )
            self._do(profile)
            agents[colleague.name] = agent
        for each in known.values():
            assert each.agent.role in AGENT_ROLES
            self._agent(each.agent.email, each.agent.name, each.agent.role, each.hash, ())
        return agents

    def _agent(
        self, email: str, name: str, role: str, password: str, departments: tuple[str, ...]
    ) -> UUID:
        agent, key = self._id(), digests.email_key(self._secret, email)
        create = CreateAgent(self._id(), agent, email, name, role, password, key, departments)
        self._do(create)
        return agent

    def _settings(self, site: str) -> None:
        for department, value in company.DEPARTMENTS.items():
            self._define("departments", department, value)
        for status, said in company.STATUSES.items():
            self._define("statuses", status, said)
        for reply in company.REPLIES:
            self._define("replies", str(self._id()), reply)
        for rule, welcome in company.WELCOMES.items():
            self._define("welcomes", rule, welcome)
        for rule, reception in company.RECEPTIONS.items():
            self._define("receptions", rule, reception)
        self._define("routing", "", company.ROUTING)
        self._define("tags", "", company.TAGS)
        self._define("appearances", site, company.APPEARANCE)

    def _define(self, section: str, key: str, value: Value) -> None:
        self._do(t.Define(self._id(), section, value, key))

    def _do(self, command: Command) -> None:
        self._at += 1_000_000
        self.done.append(Happening(self._at, Sender(self._log, ACTOR), command))

    def _id(self) -> UUID:
        return self._dice.uuid(self._at)
