"""Every figure of ``/metrics``: its public name, what it says, its labels.

Nothing is measured that has no line here; ``docs/metrics.md`` is made of this table. Labels tell
kinds apart, of which there are few. They never hold what a tenant, a person or a message is called.
"""

from __future__ import annotations

from typing import Final

from domain.telemetry import Figure

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""From a millisecond, which is a lone append, to the longest that anybody waits."""

_MANY: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""Up to the size of a batch and of a slice."""

# --- the process ------------------------------------------------------------------------------

BUILD: Final = Figure(
    "parley_build_info",
    "gauge",
    "1, for each process; `version` is the program's, `roles` what it runs",
    ("version", "roles"),
)
READY: Final = Figure(
    "parley_ready",
    "gauge",
    "1 while this node can serve chat, as `/readyz` says; 0 while it drains or has no database",
)
DATABASE_UP: Final = Figure(
    "parley_database_up",
    "gauge",
    "1 when the database answered the last look, at most some seconds ago",
)
BREAKER_STATE: Final = Figure(
    "parley_breaker_state",
    "gauge",
    "1 for the state (`closed`, `open`, `half_open`) of the breaker before a remote part, else 0",
    ("part", "state"),
)
EVENT_LOOP_LAG: Final = Figure(
    "parley_event_loop_lag_seconds",
    "histogram",
    "by how much a timer of the event loop was late; what is above 0.1 holds up every socket",
    (),
    (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
GARBAGE_PAUSE: Final = Figure(
    "parley_garbage_pause_seconds",
    "histogram",
    "how long a look for garbage stopped everything",
    (),
    (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
)
SPANS: Final = Figure(
    "parley_spans_total",
    "counter",
    "spans of traces: `exported`, `failed` (the collector did not take them) or `dropped`"
    " (too many waited)",
    ("outcome",),
)

# --- sockets and requests ---------------------------------------------------------------------

CONNECTIONS: Final = Figure(
    "parley_connections", "gauge", "open sockets of visitors and of agents", ("role",)
)
COMMANDS: Final = Figure(
    "parley_commands_total",
    "counter",
    "commands of sockets that were answered: `committed`, `duplicate`, `unchanged` or `refused`",
    ("op", "outcome"),
)
REFUSALS: Final = Figure(
    "parley_refusals_total",
    "counter",
    "refusals by their code in the protocol, on a `socket` or by `http`",
    ("way", "code"),
)
SOCKETS_CLOSED: Final = Figure(
    "parley_sockets_closed_total",
    "counter",
    "sockets that the server closed, by close code",
    ("code",),
)
HTTP_REQUESTS: Final = Figure(
    "parley_http_requests_total",
    "counter",
    "requests by route and status",
    ("route", "status"),
)
ACK_SECONDS: Final = Figure(
    "parley_ack_seconds",
    "histogram",
    "from a command's frame to its ack, which is durable; refusals are not in it",
    (),
    _FAST,
)
DELIVERY_SECONDS: Final = Figure(
    "parley_delivery_seconds",
    "histogram",
    "from when an event was recorded until its frame was handed to sockets: one value a slice and"
    " node, that of its first event, by two machines' clocks. Sockets that catch up are not in it",
    (),
    _FAST,
)
CATCH_UP_READS: Final = Figure(
    "parley_catch_up_reads_total",
    "counter",
    "pages that were read from the store for sockets that were behind, by kind of feed",
    ("feed",),
)
SLOW_SOCKETS: Final = Figure(
    "parley_slow_sockets_total",
    "counter",
    "how often a socket took its frames too slowly, so that its feed went back to the store",
)

# --- the log ----------------------------------------------------------------------------------

APPEND_WAITING: Final = Figure(
    "parley_append_waiting", "gauge", "commands that wait for a batch, of all tenants"
)
APPEND_SECONDS: Final = Figure(
    "parley_append_seconds",
    "histogram",
    "how long the store took for a batch, encryption and commit included",
    (),
    _FAST,
)
APPEND_BATCH_COMMANDS: Final = Figure(
    "parley_append_batch_commands", "histogram", "commands of a batch", (), _MANY
)
APPEND_BATCH_EVENTS: Final = Figure(
    "parley_append_batch_events", "histogram", "events that a batch added to the log", (), _MANY
)
APPEND_CONFLICTS: Final = Figure(
    "parley_append_conflicts_total",
    "counter",
    "commands that were decided again, since another one came first",
)
DATABASE_CONNECTIONS: Final = Figure(
    "parley_database_connections",
    "gauge",
    "connections to PostgreSQL by pool, `in_use` or `idle`",
    ("pool", "state"),
)
DATABASE_WAITING: Final = Figure(
    "parley_database_waiting",
    "gauge",
    "who waits for a connection of a pool at this moment",
    ("pool",),
)
DATABASE_WAITS: Final = Figure(
    "parley_database_waits_total",
    "counter",
    "how often all connections of a pool were in use when one was wanted",
    ("pool",),
)
POSTGRES_RESTARTS: Final = Figure(
    "parley_postgres_restarts_total",
    "counter",
    "how often the embedded PostgreSQL had ended by itself and was started again",
)

# --- relay and broker -------------------------------------------------------------------------

BROKER_CONNECTED: Final = Figure(
    "parley_broker_connected",
    "gauge",
    "1 while the connection to the broker stands, by use (`publish`, `consume`)",
    ("use",),
)
RELAY_LAG_EVENTS: Final = Figure(
    "parley_relay_lag_events",
    "gauge",
    "events that the broker has not confirmed yet, in the logs that this relay has",
)
RELAY_LAG_SECONDS: Final = Figure(
    "parley_relay_lag_seconds",
    "gauge",
    "for how long the relay has known of events that are not confirmed, in its worst log",
)
RELAY_SLICES: Final = Figure(
    "parley_relay_slices_total",
    "counter",
    "slices given to the broker: `published`, and then `confirmed` or `failed`",
    ("outcome",),
)
RELAY_EVENTS: Final = Figure(
    "parley_relay_events_total", "counter", "events that the broker has confirmed"
)
NODE_HOLES: Final = Figure(
    "parley_node_holes_total",
    "counter",
    "holes in what the broker brought, which a node read from the store",
)
HEAD_POLLS: Final = Figure(
    "parley_head_polls_total",
    "counter",
    "looks of a node at its logs' heads while the broker was away, or no relay was heard over it",
)
RATE_LIMIT_FALLBACKS: Final = Figure(
    "parley_rate_limit_fallbacks_total",
    "counter",
    "rate limits that a node kept by itself, since Redis was away",
)

# --- webhooks ---------------------------------------------------------------------------------

WEBHOOK_DELIVERIES: Final = Figure(
    "parley_webhook_deliveries_total",
    "counter",
    "what came of deliveries to webhooks: `delivered`, `failed` (is tried again), `dead`,"
    " or `dropped` (the webhook was removed or disabled, or its format has nothing for it)",
    ("outcome",),
)
WEBHOOK_SECONDS: Final = Figure(
    "parley_webhook_answer_seconds",
    "histogram",
    "how long requests to webhooks took, whatever came of them",
    (),
    (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0),
)
WEBHOOKS_DUE: Final = Figure(
    "parley_webhook_due_lines",
    "gauge",
    "conversations in which something is due to a webhook and nobody works on it",
)

# --- routing ----------------------------------------------------------------------------------

ROUTER_DECISIONS: Final = Figure(
    "parley_router_decisions_total",
    "counter",
    "what the router asked for (`route`, `release`, `miss`, `remind`, `retire`) and what came of"
    " it: `done`, `duplicate` (another router had) or `refused` (it is decided again)",
    ("decision", "outcome"),
)
ROUTER_WAITING: Final = Figure(
    "parley_router_waiting",
    "gauge",
    "conversations that nobody serves, of the tenants that this process routes",
)

# --- read models ------------------------------------------------------------------------------

PROJECTOR_LAG_EVENTS: Final = Figure(
    "parley_projector_lag_events",
    "gauge",
    "events that a projection has not folded yet, in all logs together",
    ("projection",),
)
PROJECTOR_LAG_SECONDS: Final = Figure(
    "parley_projector_lag_seconds",
    "gauge",
    "for how long a projection has not folded what is there, in the log where that is longest",
    ("projection",),
)
PROJECTOR_EVENTS: Final = Figure(
    "parley_projector_events_total",
    "counter",
    "events that a projection has gone past, those included that it does not want",
    ("projection",),
)
PROJECTOR_LOGS: Final = Figure(
    "parley_projector_logs",
    "gauge",
    "logs that a projection is `following`, `paused` at by an operator, `failing` on (and will try"
    " again), or `stopped` at: they hold an event of a newer program",
    ("projection", "state"),
)
PARKED_EVENTS: Final = Figure(
    "parley_parked_events_total",
    "counter",
    "events that a projection could not fold and has stepped over, since this process began",
    ("projection",),
)

FIGURES: Final = tuple(each for each in list(vars().values()) if isinstance(each, Figure))
"""All of them, in the order of their lines above."""
