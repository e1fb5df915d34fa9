"""Why a delivery is given up without an attempt. Pure."""

from __future__ import annotations

from typing import Final

from domain.envelope import RecordedEvent
from domain.tenant.webhooks import Webhook
from domain.webhooks.catalogue import SENDABLE
from domain.webhooks.ports import Delivery

WISHED: Final = frozenset({"removed", "disabled", "format"})
"""Words for what follows from a change of the webhook, by an operator or by its receiver's 410:
nobody need be told of it."""

ALARMING: Final[dict[str, str]] = {
    "history": "is of another history",
    "too_old": "waited too long and is dead",
}
"""Words for what nobody wished, and the ends of the sentences that say so."""


def obstacle(
    delivery: Delivery, event: RecordedEvent | None, webhook: Webhook | None, *, late: bool
) -> str | None:
    """A word of the above, or None where it may be tried.

    ``event`` is what the log has at its position, ``webhook`` as it is by now, and ``late`` whether
    a delivery that was not tried yet has waited too long for that.
    """
    if webhook is None:
        return "removed"
    if webhook.disabled:
        return "disabled"
    if event is None or event.id != delivery.event:
        return "history"
    if event.type not in SENDABLE[webhook.format]:
        return "format"
    return "too_old" if late and not delivery.attempts else None
