"""What an operator asks of tenants and agents, as commands to the log like any other.

Each asks first what is there, so that a command that was cut short can be given again. Secrets are
drawn here and told once; the log keeps only what is needed to recognise them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from adapters.passwords.argon2id import Argon2idHasher
from domain import base64url, credentials, digests, streams
from domain.access import AGENT_ROLES
from domain.agent import commands as agent_commands
from domain.errors import Refused
from domain.handling.staff import EMAIL, PASSWORD_BYTES
from domain.handling.states import Binding
from domain.limits import MAX_NAME, SITE_SECRET_GRACE_S
from domain.passwords import PasswordHasher
from domain.permissions import SCOPES
from domain.tenant import commands as tenant_commands
from domain.tenant.events import Holiday, Shifts, SiteAdded
from domain.tenant.values import Value
from ops.asking import Asking
from ops.core import Core
from ops.errors import CannotRun
from ops.settings import Settings

_TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


class SiteSecrets(Struct, frozen=True):
    """A site and the secret that signs identities on its own server."""

    site: str
    secret: str


class NewAgent(Struct, frozen=True):
    """Somebody who is to answer. ``password`` is in plain, and hashed on the way."""

    email: str
    name: str
    role: str
    password: str
    departments: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"NewAgent(role={self.role!r})"


@contextlib.contextmanager
def passwords_of(settings: Settings) -> Iterator[Argon2idHasher]:
    """The hasher of passwords, with its thread."""
    passwords = Argon2idHasher(settings.passwords)
    try:
        yield passwords
    finally:
        passwords.close()


class Operator(Asking):
    """The operator's commands on a core."""

    def __init__(self, core: Core, passwords: PasswordHasher) -> None:
        super().__init__(core)
        self._passwords = passwords

    # --- tenants ------------------------------------------------------------------------------

    async def begin_tenant(self, name: str) -> UUID:
        """Begin a tenant, or go on with one that has no API key yet; its log.

        Raises CannotRun, and Refused ``exists`` for one that is complete.
        """
        log = await self.ensure_tenant(name, self._core.ids.uuid())
        state = await self.tenant(log)
        if state.api_keys or state.revoked:
            raise Refused("exists", f"There is a tenant {name!r} already.")
        return log

    async def ensure_tenant(self, name: str, log: UUID) -> UUID:
        """Have a tenant of this name, in this log unless it has one already; its log.

        Raises CannotRun for a name that cannot be one.
        """
        check_tenant_name(name)
        log = await self.ensure_log(name, log)
        if not (await self.tenant(log)).name:
            secret = self._core.ids.random(credentials.SECRET_BYTES)
            await self._ask(log, tenant_commands.CreateTenant(self._id(), name, secret))
        return log

    async def ensure_log(self, name: str, log: UUID) -> UUID:
        """Have a log of this name, this one unless it has another already; which it is."""
        store = self._core.database.store
        found = await store.find_log(name)
        if found is not None:
            return found
        try:
            await store.create_log(log, name)
        except Refused:
            return await self.log_of(name)  # somebody else was quicker
        return log

    async def ensure_site(self, log: UUID, name: str, wanted: SiteSecrets) -> SiteSecrets:
        """Have a site of this name: the one that is there, else the wanted one."""
        found = next(filter(lambda site: site.name == name, await self.sites(log)), None)
        if found is not None:
            return SiteSecrets(found.site, found.secret)
        command = tenant_commands.AddSite(self._id(), wanted.site, name, wanted.secret)
        await self._ask(log, command)
        return wanted

    async def add_site(self, log: UUID, name: str, origins: tuple[str, ...]) -> SiteSecrets:
        """A further site. Raises CannotRun, and Refused for origins that are none."""
        check_name(name, "A site's name")
        if any(site.name == name for site in await self.sites(log)):
            raise CannotRun(f"There is a site {name!r} already.")
        made = self.new_site(log)
        command = tenant_commands.AddSite(self._id(), made.site, name, made.secret, origins)
        await self._ask(log, command)
        return made

    async def change_site(
        self, log: UUID, site: str, name: str | None, origins: tuple[str, ...] | None
    ) -> SiteAdded:
        """Give a site another name or other origins (None: as before); the site as it is then."""
        now = await self._site(log, site)
        if name is not None:
            check_name(name, "A site's name")
        command = tenant_commands.ChangeSite(
            self._id(),
            site,
            now.name if name is None else name,
            now.origins if origins is None else origins,
        )
        await self._ask(log, command)
        return replace(now, name=command.name, origins=command.origins)

    async def remove_site(self, log: UUID, site: str) -> None:
        """Have no chat on a site any more. Raises CannotRun where there is none."""
        await self._site(log, site)
        await self._ask(log, tenant_commands.RemoveSite(self._id(), site))

    async def restore_site(self, log: UUID, site: str) -> SiteAdded:
        """Have a site that was removed, as it was; the site. Raises CannotRun."""
        if site not in (await self.tenant(log)).removed_sites:
            raise CannotRun(f"No site {site!r} was removed here, or too many have been since.")
        await self._ask(log, tenant_commands.RestoreSite(self._id(), site))
        return await self._site(log, site)

    async def rotate_site_secret(self, log: UUID, site: str, *, at_once: bool) -> tuple[str, int]:
        """A site's new secret, and until when (Unix seconds) the old one is good beside it."""
        await self._site(log, site)
        grace = 0 if at_once else SITE_SECRET_GRACE_S
        until = int(self._core.clock.now()) + grace
        secret = self._new_secret()
        await self._ask(log, tenant_commands.RotateSiteSecret(self._id(), site, secret, until))
        return secret, until

    async def _site(self, log: UUID, site: str) -> SiteAdded:
        found = (await self.tenant(log)).sites.get(site)
        if found is None:
            raise CannotRun(f"There is no site {site!r} here; `parley site list` names them.")
        return found

    async def sites(self, log: UUID) -> Sequence[SiteAdded]:
        """The tenant's sites."""
        return list((await self.tenant(log)).sites.values())

    async def set_hours(
        self, log: UUID, zone: str, week: tuple[Shifts, ...], holidays: tuple[Holiday, ...]
    ) -> None:
        """Say when somebody is there to answer. Raises Refused for hours that cannot be."""
        await self._ask(log, tenant_commands.SetHours(self._id(), zone, week, holidays))

    async def define(self, log: UUID, section: str, key: str, value: Value) -> None:
        """Say what a value of the settings is from now on. Raises Refused."""
        await self._ask(log, tenant_commands.Define(self._id(), section, value, key))

    async def remove_value(self, log: UUID, section: str, key: str) -> None:
        """Take a value of the settings away. Raises Refused ``not_found``."""
        await self._ask(log, tenant_commands.Remove(self._id(), section, key))

    async def ensure_api_key(self, log: UUID, key: str) -> None:
        """Have this API key known."""
        parsed = credentials.parse_api_key(key)
        assert parsed is not None
        assert parsed.log == log
        state = await self.tenant(log)
        if parsed.key not in state.api_keys and parsed.key not in state.revoked:
            await self.add_api_key(log, key, tuple(SCOPES))

    async def add_api_key(self, log: UUID, key: str, scopes: tuple[str, ...]) -> None:
        """Have a new API key known, good for these scopes."""
        parsed = credentials.parse_api_key(key)
        assert parsed is not None
        command = tenant_commands.CreateApiKey(self._id(), parsed.key, parsed.digest, scopes)
        await self._ask(log, command)

    async def revoke_api_key(self, log: UUID, key: str) -> str:
        """Let an API key, given by its id or whole, open nothing any more; its id.

        Raises Refused ``not_found``.
        """
        parsed = credentials.parse_api_key(key)
        if parsed is not None and parsed.log != log:
            raise CannotRun("This key is another tenant's.")
        name = key if parsed is None else parsed.key
        await self._ask(log, tenant_commands.RevokeApiKey(self._id(), name))
        return name

    def new_site(self, log: UUID) -> SiteSecrets:
        """A site that does not exist yet."""
        site = credentials.site_id(log, self._core.ids.random(credentials.SITE_BYTES))
        return SiteSecrets(site, self._new_secret())

    def _new_secret(self) -> str:
        return base64url.encode(self._core.ids.random(credentials.SECRET_BYTES))

    def new_api_key(self, log: UUID) -> str:
        """An API key that does not exist yet."""
        random = self._core.ids.random
        return credentials.api_key(
            log, random(credentials.KEY_BYTES), random(credentials.SECRET_BYTES)
        )

    def new_password(self) -> str:
        """A password that nobody guesses."""
        return base64url.encode(self._core.ids.random(PASSWORD_BYTES))

    # --- agents -------------------------------------------------------------------------------

    async def find_agent(self, log: UUID, email: str) -> UUID | None:
        """The agent of an address, or None."""
        key = digests.email_key((await self.tenant(log)).secret, email)
        bound: Binding = (await self._core.handler.states.refresh(log, streams.email(key))).state
        return None if bound.agent is None else UUID(bound.agent)

    async def agent_of(self, log: UUID, email: str) -> UUID:
        """The agent of an address. Raises CannotRun where there is none."""
        agent = await self.find_agent(log, email)
        if agent is None:
            raise CannotRun(f"There is no agent {email!r} here.")
        return agent

    async def demand_active(self, log: UUID, agent: UUID, email: str) -> None:
        """Refuse an agent that was ended, for good: its address stays its own. Raises CannotRun."""
        if not (await self.agent(log, agent)).active:
            raise CannotRun(
                f"The agent {email.strip()!r} was deactivated: it cannot be changed, and its"
                " address cannot be given to another."
            )

    async def create_agent(self, log: UUID, wanted: NewAgent) -> UUID:
        """Let somebody answer. Raises CannotRun, and Refused ``exists``."""
        check_agent(wanted)
        found = await self.find_agent(log, wanted.email)
        if found is not None:
            await self.demand_active(log, found, wanted.email)
        agent = self._core.ids.uuid()
        command = agent_commands.CreateAgent(
            id=self._id(),
            agent=agent,
            email=wanted.email.strip(),
            name=wanted.name,
            role=wanted.role,
            password=await self._passwords.hash(wanted.password),
            key=digests.email_key((await self.tenant(log)).secret, wanted.email),
            departments=wanted.departments,
        )
        await self._ask(log, command)
        return agent

    async def ensure_agent(self, log: UUID, wanted: NewAgent) -> UUID:
        """Have this agent, who signs in with this password."""
        found = await self.find_agent(log, wanted.email)
        if found is None:
            return await self.create_agent(log, wanted)
        kept = (await self.agent(log, found)).password
        if not await self._passwords.verify(wanted.password, kept):
            await self.set_password(log, found, wanted.password)
        return found

    async def hashed(self, password: str) -> str:
        """A password as the log keeps it."""
        return await self._passwords.hash(password)

    async def set_password(self, log: UUID, agent: UUID, password: str) -> None:
        """Give an agent a new password; what was given out under the old one opens nothing more."""
        kept = await self._passwords.hash(password)
        await self._ask(log, agent_commands.SetPassword(self._id(), agent, kept))

    async def set_rights(
        self, log: UUID, agent: UUID, role: str, departments: tuple[str, ...]
    ) -> None:
        """Change what an agent may do and see."""
        await self._ask(log, agent_commands.SetRights(self._id(), agent, role, departments))

    async def change_profile(
        self,
        log: UUID,
        agent: UUID,
        name: str,
        skills: tuple[str, ...] | None,
        capacity: int | None,
    ) -> None:
        """Say how an agent is called and what it can do (None: as before)."""
        now = await self.agent(log, agent)
        skills = now.skills if skills is None else skills
        capacity = now.capacity if capacity is None else capacity
        command = agent_commands.ChangeProfile(self._id(), agent, name, capacity, skills)
        await self._ask(log, command)

    async def deactivate(self, log: UUID, agent: UUID) -> None:
        """Let an agent no longer sign in, nor go on with what it is signed in with."""
        if (await self.agent(log, agent)).active:
            await self._ask(log, agent_commands.Deactivate(self._id(), agent))


def check_tenant_name(name: str) -> None:
    """Refuse what cannot be a tenant's name. Raises CannotRun."""
    if not _TENANT_NAME.fullmatch(name):
        raise CannotRun(
            "A tenant's name has up to 63 letters, digits, - and _, and begins with a letter"
            " or a digit."
        )


def check_agent(wanted: NewAgent) -> None:
    """Refuse what no agent can be. Raises CannotRun."""
    if not EMAIL.fullmatch(wanted.email.strip()):
        raise CannotRun(f"{wanted.email!r} is not an e-mail address.")
    check_name(wanted.name, "An agent's name")
    if wanted.role not in AGENT_ROLES:
        raise CannotRun(f"An agent's role is one of {', '.join(AGENT_ROLES)}.")


def check_name(name: str, what: str) -> None:
    """Refuse what is no name of anything. Raises CannotRun."""
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise CannotRun(f"{what} has 1 to {MAX_NAME} printable characters.")
