"""The whole list, room by room."""

from __future__ import annotations

from itertools import chain

from tests.mutations import (
    brokers,
    client,
    feeds,
    handling,
    histories,
    keys,
    past,
    projections,
    reports,
    search,
    sessions,
    store,
    visibility,
    webhooks,
)
from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = tuple(
    chain(
        store.MUTATIONS,
        keys.MUTATIONS,
        handling.MUTATIONS,
        histories.MUTATIONS,
        feeds.MUTATIONS,
        brokers.MUTATIONS,
        projections.MUTATIONS,
        search.MUTATIONS,
        past.MUTATIONS,
        reports.MUTATIONS,
        visibility.MUTATIONS,
        sessions.MUTATIONS,
        webhooks.MUTATIONS,
        client.MUTATIONS,
    )
)
