"""Every projection of this program: what keeps its read models."""

from __future__ import annotations

from projections.agents.projection import AgentViewsProjection
from projections.analytics.projection import AnalyticsProjection
from projections.audit.projection import AuditProjection
from projections.projection import Factory
from projections.search.projection import SearchProjection
from projections.sessions.projection import SessionViewsProjection
from projections.webhooks.projection import WebhooksProjection

CATALOGUE: tuple[Factory, ...] = (
    lambda given: SessionViewsProjection(given.models, given.cipher),
    lambda given: AgentViewsProjection(given.models, given.cipher),
    lambda given: AuditProjection(given.cipher),
    lambda given: SearchProjection(given.models, given.cipher, given.clock),
    lambda given: WebhooksProjection(given.models, given.clock),
    lambda given: AnalyticsProjection(given.models, given.cipher),
)
