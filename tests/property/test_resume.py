"""Resume: any offset, any moment, any node, any number of tabs, whatever becomes of the store.

What a reader has applied of a feed is what the log has for it from its offset on, in order, once,
and nothing that is not shown to it: at every frame, and in the end up to the head.
"""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.resume.crowd import TABS, Crowd, Step, in_a_world
from tests.property.resume.tab import Copy, Tab
from tests.property.resume.world import ADA, AGENT, BOB, PEOPLE, Person, turns

LEAST_TOLD = 40
"""Events below which a slow reader was not overtaken."""

nodes = st.integers(0, 1)
kinds = st.sampled_from(
    [
        "post",
        "post",
        "burst",
        "answer",
        "note",
        "transfer",
        "transfer",
        "tag",
        "close",
        "read",
        "page",
    ]
)
marks = st.sampled_from(["right", "right", "none", "other"])
places = st.sampled_from(["zero", "middle", "middle", "head", "beyond", "view"])

waits = st.sampled_from([0, 1, 5, 60, 60])
happens = st.tuples(
    st.just("do"), st.tuples(nodes, kinds, st.sampled_from([ADA, BOB]), st.integers(0, 9))
)
comes = st.tuples(st.just("come"), st.tuples(st.sampled_from(PEOPLE), nodes, places, marks))
which = st.integers(0, TABS - 1)
backs = st.tuples(st.just("back"), st.tuples(which, nodes, st.booleans()))
STEPS = st.lists(
    st.tuples(
        st.one_of(
            happens,
            happens,
            happens,
            happens,
            comes,
            comes,
            st.tuples(st.just("leave"), which),
            backs,
            backs,
            st.tuples(st.just("slow"), st.tuples(which, st.sampled_from([0, 1, 3, None]))),
            st.tuples(st.just("relay"), st.tuples(nodes, st.integers(1, 9), st.integers(1, 9))),
            st.tuples(st.just("time"), st.sampled_from([0.005, 0.021, 0.2, 1.0])),
            st.tuples(st.just("store"), st.booleans()),
            st.tuples(st.just("restore"), st.tuples(nodes, st.integers(0, 9), st.integers(0, 4))),
            st.tuples(st.just("project"), st.integers(1, 9)),
            st.tuples(st.just("rebuild"), st.none()),
        ),
        waits,
    ),
    min_size=20,
    max_size=60,
)
BEFORE = st.lists(happens, max_size=25)
"""What has happened before anybody comes."""


@settings(max_examples=150, deadline=None)
@given(BEFORE, STEPS, st.integers(0, 2**32))
def test_whoever_comes_back_has_exactly_the_log(
    before: list[Step], steps: list[tuple[Step, int]], seed: int
) -> None:
    """Over restores, slow sockets, lost slices and nodes that change; a desk has a fresh list."""

    async def live(crowd: Crowd) -> None:
        for each, wait in steps:
            await crowd.step(*each)
            await turns(wait)

    asyncio.run(in_a_world(before, seed, live))


GARBAGE = [-1, 1.5, "0", None, True, [], 2**53 + 1]


@settings(max_examples=40, deadline=None)
@given(BEFORE, st.sampled_from(PEOPLE), nodes, st.lists(st.sampled_from(GARBAGE), min_size=1))
def test_an_offset_that_is_none_is_refused_and_nothing_else_is(
    before: list[Step], person: Person, node: int, offsets: list[object]
) -> None:
    """Each such feed gets its error; the others of the same hello are followed as ever."""

    async def come(crowd: Crowd) -> None:
        world = crowd.world
        feed, *rest = world.feeds(person)
        named = {f"conversation:{number}": offset for number, offset in enumerate(offsets)}
        tab = Tab(world, person, {feed: Copy(0, None)})
        crowd.tabs.append(tab)
        tab.come(world.nodes[node], garbage=named | dict.fromkeys(rest, -1))
        await turns(200)
        await crowd.step("time", 0.5)
        assert sorted(tab.refused) == sorted([*named, *rest])

    asyncio.run(in_a_world(before, 0, come))


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([ADA, AGENT]),
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 6)), min_size=10, max_size=25),
    st.integers(0, 2**32),
)
def test_who_reads_slowly_costs_little_and_misses_nothing(
    person: Person, paces: list[tuple[int, int]], seed: int
) -> None:
    """Bursts come faster than the socket takes frames: it reads from the store, at its own pace.

    What waits for it stays within its bounds at every turn; in the end it has everything.
    """

    async def read_slowly(crowd: Crowd) -> None:
        world = crowd.world
        tab = Tab(world, person, {feed: Copy(0, None) for feed in world.feeds(person)})
        crowd.tabs.append(tab)
        tab.come(world.nodes[0])
        await turns(200)
        for bursts, takes in paces:
            tab.takes = takes
            for number in range(bursts):
                world.do(number % 2, "burst", ADA, 2)
                for _ in range(60):
                    await turns(1)
                    crowd.check_bounds()
            await crowd.step("time", 0.2)
        assert len(world.log) > LEAST_TOLD

    asyncio.run(in_a_world([], seed, read_slowly))
