"""Every projection of this program: what keeps its read models, and the operator's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from ops.errors import BadSetting
from ops.settings import Settings
from projections.agents.projection import AgentViewsProjection
from projections.analytics.projection import AnalyticsProjection
from projections.audit.projection import AuditProjection
from projections.projection import Factory, Given, Projection
from projections.search.projection import SearchProjection
from projections.sessions.projection import SessionViewsProjection
from projections.visitors.projection import VisitorViewsProjection
from projections.webhooks.projection import WebhooksProjection

CATALOGUE: tuple[Factory, ...] = (
    lambda given: SessionViewsProjection(given.models, given.cipher),
    lambda given: AgentViewsProjection(given.models, given.cipher),
    lambda given: VisitorViewsProjection(given.models, given.cipher),
    lambda given: AuditProjection(given.cipher),
    lambda given: SearchProjection(given.models, given.cipher, given.clock),
    lambda given: WebhooksProjection(given.models, given.clock, acts=given.acts),
    lambda given: AnalyticsProjection(given.models, given.cipher),
)

_WHERE = "projections"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def projections_of(settings: Settings, given: Given) -> list[Projection[Any]]:
    """All projections, on the tables that are given. Raises BadSetting for one of the operator."""
    factories = [(None, make) for make in CATALOGUE]
    own = [(path, _loaded(path)) for path in settings.projections]
    found: list[Projection[Any]] = []
    for path, make in [*factories, *own]:
        projection = make(given) if path is None else _made(path, make, given)
        if path is not None:
            _demand_fit(path, projection, found)
        found.append(projection)
    return found


def _loaded(path: str) -> Factory:
    """What an import path names."""
    module, _, name = path.partition(":")
    if not module or not name.isidentifier():
        raise BadSetting(_WHERE, f"has {path!r}, which is not of the form package.module:factory")
    try:
        found = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise BadSetting(_WHERE, f"has {path!r}: there is no module {error.name!r}") from None
    except AttributeError:
        raise BadSetting(_WHERE, f"has {path!r}: there is no {name!r} in {module}") from None
    except Exception as error:
        what = f"has {path!r}, which cannot be imported: {type(error).__name__}: {error}"
        raise BadSetting(_WHERE, what) from error
    if not callable(found):
        raise BadSetting(_WHERE, f"has {path!r}, which cannot be called")
    return found  # type: ignore[no-any-return]  # what it makes is looked at


def _made(path: str, make: Factory, given: Given) -> Projection[Any]:
    try:
        return make(given)
    except Exception as error:
        what = f"has {path!r}, which fails: {type(error).__name__}: {error}"
        raise BadSetting(_WHERE, what) from error


def _demand_fit(path: str, own: Projection[Any], others: Iterable[Projection[Any]]) -> None:
    """Refuse what would only fail later, or in the middle of somebody else's tables."""
    missing = [name for name in _PARTS if not hasattr(own, name)]
    if missing:
        raise BadSetting(
            _WHERE, f"has {path!r}, whose projection has no {' and no '.join(missing)}"
        )
    if not _NAME.fullmatch(own.name):
        raise BadSetting(_WHERE, f"has {path!r}, whose name {own.name!r} is no short word")
    if any(each.name == own.name for each in others):
        raise BadSetting(_WHERE, f"has {path!r}, whose name {own.name!r} another projection has")
    strange = [name for name in own.owned if not name.endswith(f"_{own.version}")]
    if strange:
        what = f"whose table {strange[0]!r} does not end in its version, _{own.version}"
        raise BadSetting(_WHERE, f"has {path!r}, {what}")
    taken = {name for each in others for name in each.owned}.intersection(own.owned)
    if taken:
        raise BadSetting(_WHERE, f"has {path!r}, whose table {min(taken)!r} is another one's")


_PARTS: Sequence[str] = (
    *("name", "version", "types", "owned", "tables"),
    *("load", "evolve", "change", "clear"),
)
"""What a projection must have: the engine would find it missing only when it is wanted."""
