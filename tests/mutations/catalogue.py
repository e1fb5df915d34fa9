"""The whole list, room by room."""

from __future__ import annotations

from itertools import chain

from tests.mutations import (
    analysts,
    brokers,
    bulk,
    client,
    console,
    dataset,
    exports,
    feeds,
    files,
    handling,
    histories,
    keys,
    past,
    people,
    projections,
    rebuilds,
    reports,
    routers,
    routing,
    search,
    sessions,
    settings,
    store,
    talking,
    visibility,
    webhooks,
)
from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = tuple(
    chain(
        store.MUTATIONS,
        bulk.MUTATIONS,
        keys.MUTATIONS,
        handling.MUTATIONS,
        histories.MUTATIONS,
        feeds.MUTATIONS,
        brokers.MUTATIONS,
        projections.MUTATIONS,
        rebuilds.MUTATIONS,
        people.MUTATIONS,
        search.MUTATIONS,
        past.MUTATIONS,
        reports.MUTATIONS,
        analysts.MUTATIONS,
        exports.MUTATIONS,
        files.MUTATIONS,
        dataset.MUTATIONS,
        visibility.MUTATIONS,
        sessions.MUTATIONS,
        settings.MUTATIONS,
        routing.MUTATIONS,
        routers.MUTATIONS,
        talking.MUTATIONS,
        webhooks.MUTATIONS,
        client.MUTATIONS,
        console.MUTATIONS,
    )
)
