"""Count the messages of each conversation by following a tenant's log.

An example for the library ``eventsourcing``: its ``ProjectionRunner`` follows Parley's log through
the bridge (``docs/adr/0018-eventsourcing-bridge.md``) and keeps a read model in a SQLite file of
its own, beside how far it has come. It can be stopped or killed at any moment: started again, it
goes on where it was and counts nothing twice.

From the checkout, beside a running ``./dev up``::

    .venv/bin/python -m docs.examples.follow_log --data .parley --tenant demo --counts counts.db
"""
# ruff: noqa: INP001 - an example, in no package

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteTrackingRecorder

from adapters.eventsourcing_bridge.log_events import LogEvent


class TenantLog(Application[str]):
    """The log that is followed. Its persistence module is the bridge."""


class MessageCounts(SQLiteTrackingRecorder):
    """The read model: a table of counts. A count and its place change in one transaction."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's own table for the place, and ours."""
        table = "message_count (conversation TEXT PRIMARY KEY, messages INTEGER NOT NULL)"
        return [
            *super().construct_create_table_statements(),
            f"CREATE TABLE IF NOT EXISTS {table}",
        ]

    def count(self, conversation: str, tracking: Tracking) -> None:
        """Count one message; a place that was reached before is refused, with its count."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO message_count VALUES (?, 1)"
                " ON CONFLICT (conversation) DO UPDATE SET messages = messages + 1",
                (conversation,),
            )

    def counts(self) -> dict[str, int]:
        """The messages of each conversation."""
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute("SELECT conversation, messages FROM message_count ORDER BY 1")
            return {row["conversation"]: row["messages"] for row in cursor.fetchall()}


class CountMessages(Projection[MessageCounts]):
    """What is done with each event of the log, in order."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Count a message; of everything else only the place is kept."""
        if isinstance(domain_event, LogEvent) and domain_event.topic == "message.posted":
            self.view.count(domain_event.originator_id, tracking)
        else:
            self.view.insert_tracking(tracking)


def runner_of(
    options: argparse.Namespace,
) -> ProjectionRunner[TenantLog, MessageCounts]:
    """Follower and read model. A name in front makes a variable that one's own."""
    return ProjectionRunner(
        application_class=TenantLog,
        projection_class=CountMessages,
        view_class=MessageCounts,
        env={
            "TENANTLOG_PERSISTENCE_MODULE": "ops.bridge",
            "PARLEY_TENANT": options.tenant,
            **({"PARLEY_DATA": options.data} if options.data else {}),
            "COUNTMESSAGES_PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": options.counts,
        },
    )


def main() -> None:
    """Follow the log up to its present end, or for ever, and print the counts."""
    parser = argparse.ArgumentParser(description="Count the messages of each conversation.")
    parser.add_argument("--data", help="the product's data directory (default: PARLEY_DATA)")
    parser.add_argument("--tenant", default="demo")
    parser.add_argument("--counts", default="counts.db", help="the SQLite file of the counts")
    parser.add_argument("--forever", action="store_true", help="go on until interrupted")
    try:
        follow(parser.parse_args())
    except EventSourcingError as error:
        sys.exit(f"follow_log: {error}")  # no tenant of this name, or no product that runs


def follow(options: argparse.Namespace) -> None:
    """Count, and print what was counted, be it because somebody has interrupted it."""
    with runner_of(options) as runner:
        if options.forever:
            with contextlib.suppress(KeyboardInterrupt):
                runner.run_forever()
        else:
            runner.wait(runner.app.recorder.max_notification_id(), timeout=600)
        for conversation, messages in runner.projection.view.counts().items():
            sys.stdout.write(f"{messages:6}  {conversation}\n")


if __name__ == "__main__":
    main()
