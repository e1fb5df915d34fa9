"""Mutations of feeds and sockets: continuity, going live, slow readers, other histories, rights."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

FEED = "adapters/websocket/feed.py"
FOLLOWING = "adapters/websocket/following.py"
CATCH_UP = "adapters/websocket/catch_up.py"
CONNECTION = "adapters/websocket/connection.py"
HUB = "adapters/websocket/hub.py"
OUTGOING = "adapters/websocket/outgoing.py"

EVERY_ORDER = "tests/property/test_feeds.py"
OF_A_SOCKET = "tests/unit/websocket/test_feeds_of_a_socket.py"
CONNECTIONS = "tests/unit/websocket/test_connection.py"
QUEUE = "tests/unit/websocket/test_outgoing.py"
HUBS = "tests/unit/websocket/test_hub.py"

MUTATIONS = (
    Mutation(
        name="feed-gap-check-removed",
        file=FEED,
        before="        if batch.after > self.seen:\n",
        after="        if False:\n",
        breaks="A feed that was not told of something reads it from the store before going on.",
        tests=(EVERY_ORDER,),
        quick=True,
        played=True,
    ),
    Mutation(
        name="feed-overlap-applied-again",
        file=FEED,
        before="fresh = [each for each in batch.events if self.number(each) > self.seen]",
        after="fresh = list(batch.events)",
        breaks="Of a slice that overlaps only the rest is sent.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="feed-duplicate-sent",
        file=FEED,
        before="if self.state is State.CLOSED or batch.upto <= self.seen:",
        after="if self.state is State.CLOSED:",
        also=(
            (
                "fresh = [each for each in batch.events if self.number(each) > self.seen]",
                "fresh = list(batch.events)",
            ),
        ),
        breaks="What a client has had is not sent again.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="feed-forgets-what-comes-while-catching-up",
        file=FEED,
        before="        if self.state is State.CATCHING_UP:\n"
        "            self._keep(batch)\n            return []\n",
        after="        if self.state is State.CATCHING_UP:\n            return []\n",
        breaks="What is committed while a client catches up reaches it without another event.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="feed-live-with-a-hole",
        file=FEED,
        before="        if self.state is State.LIVE and newest > self.seen:\n"
        "            self.fall_behind()\n",
        after="",
        breaks="A feed goes live only when it has seen all that is known to be there.",
        tests=(EVERY_ORDER, OF_A_SOCKET),
    ),
    Mutation(
        name="followed-after-the-store-was-read",
        file=FOLLOWING,
        before="    connection.node.hub.follow(connection, feed)\n",
        after="",
        also=(
            (
                "    feed.begun = True\n",
                "    connection.node.hub.follow(connection, feed)\n    feed.begun = True\n",
            ),
        ),
        breaks="A feed is bound first and the store read after that, so nothing falls between.",
        tests=(OF_A_SOCKET, CONNECTIONS),
    ),
    Mutation(
        name="frames-shared-across-rights",
        file=FEED,
        before="key = self.rights if self._varies() else self.audience is Audience.AGENT",
        after="key = self.audience is Audience.AGENT",
        breaks="What is written out once for many is what each of them may see.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="frames-shared-across-audiences",
        file=FEED,
        before="key = self.rights if self._varies() else self.audience is Audience.AGENT",
        after="key = self.rights if self._varies() else None",
        breaks="A visitor is not sent what was written out for agents.",
        tests=(EVERY_ORDER,),
        quick=True,
        played=True,
    ),
    Mutation(
        name="agents-are-written-what-a-visitor-sees",
        file=FEED,
        before="            if self._visitor is None or differs(self.event):\n",
        after="            if self._visitor is None:\n",
        breaks="An agent sees all that the table says, whoever was written to before it.",
        tests=("tests/unit/websocket/test_written.py",),
    ),
    Mutation(
        name="range-leaves-out-what-is-hidden",
        file=FEED,
        before="            self.seen, self.mark = self.number(each), each.event.mark\n",
        after="            if self.shows(each.event):\n"
        "                self.seen, self.mark = self.number(each), each.event.mark\n",
        breaks="Ranges count what is filtered out too, so a hidden note is no gap.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="taken-out-of-sight-and-still-sent",
        file=FEED,
        before="if not events or not self.lost(events[-1].event):",
        after="if not events or True:",
        breaks="Beyond the event that takes a conversation out of sight nothing of it is sent.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="feed-kept-that-may-not-be-read",
        file=CONNECTION,
        before="        if feed.ended:\n            self.take_away(feed)\n        elif",
        after="        if",
        breaks="A client is told that a conversation is no longer its to read.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="inbox-of-any-department",
        file=FEED,
        before="return self.rights.sees(place.before, place.after)",
        after="return True",
        breaks="A limited agent's inbox holds its own departments' conversations only.",
        tests=(EVERY_ORDER,),
        played=True,
    ),
    Mutation(
        name="slow-socket-buffered-without-a-limit",
        file=CONNECTION,
        before='unless the socket is too slow for it."""\n'
        "        if self._outgoing.size > self.node.settings.queue_bytes:",
        after='unless the socket is too slow for it."""\n        if False:',
        breaks="For a socket that does not read, nothing piles up.",
        tests=(
            OF_A_SOCKET,
            OF_A_SOCKET,
        ),
    ),
    Mutation(
        name="catch-up-buffer-without-a-limit",
        file=FEED,
        before="if self._buffered > self._limit:",
        after="if False:",
        breaks="What is kept for a socket that catches up is bounded.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="catch-up-does-not-wait-for-the-socket",
        file=CATCH_UP,
        before="        await self._connection.sent()\n        if self._is_over(feed):",
        after="        if self._is_over(feed):",
        also=(("            if self._connection.is_slow:", "            if False:"),),
        breaks="Catching up goes at the pace at which its socket takes it.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="catch-up-busy-after-an-await",
        file=CATCH_UP,
        before="        finally:\n            self._task = None\n",
        after="        finally:\n            await asyncio.sleep(0)\n"
        "            self._task = None\n",
        breaks="No feed that falls behind is left so between the last look and being done.",
        tests=(OF_A_SOCKET, CONNECTIONS),
    ),
    Mutation(
        name="outgoing-busy-for-a-turn-longer",
        file=OUTGOING,
        before="        self._waiting = None\n        try:\n",
        after='        asyncio.get_running_loop().call_soon(setattr, self, "_waiting", None)\n'
        "        try:\n",
        breaks="No frame is left behind between seeing that nothing waits and being done.",
        tests=(QUEUE,),
    ),
    Mutation(
        name="outgoing-does-not-wait-for-the-socket",
        file=OUTGOING,
        before="        await self._wire.ready()\n",
        after="        await asyncio.sleep(0)\n",
        breaks="To a socket that takes nothing nothing more is given.",
        tests=(QUEUE,),
    ),
    Mutation(
        name="outgoing-portion-without-a-limit",
        file=OUTGOING,
        before="if count and size + len(text) > PORTION:",
        after="if False:",
        breaks="The transport is given no more at a time than its buffer takes.",
        tests=(QUEUE,),
    ),
    Mutation(
        name="another-epoch-not-noticed",
        file=FOLLOWING,
        before="other = hello.epoch is not None and hello.epoch != epoch",
        after="other = False",
        breaks="Who comes with another history's offsets is reset, not served a mixture.",
        tests=(CONNECTIONS,),
    ),
    Mutation(
        name="change-of-epoch-not-noticed",
        file="ops/watch.py",
        before="if known not in {None, epoch}:",
        after="if False:",
        breaks="A node that meets another history tells its clients.",
        tests=("tests/unit/ops/test_watch.py",),
    ),
    Mutation(
        name="mark-not-compared",
        file=FOLLOWING,
        before="and mark_of(head.asked) != wanted.mark:",
        after="and False:",
        breaks="An offset of a restored directory's other history is reset.",
        tests=(CONNECTIONS,),
    ),
    Mutation(
        name="offset-beyond-the-head-taken",
        file=FOLLOWING,
        before="    if wanted.after > head.number:\n",
        after="    if False:\n",
        breaks="An offset beyond the head is of another history.",
        tests=(CONNECTIONS,),
    ),
    Mutation(
        name="rights-change-without-a-reset",
        file=CONNECTION,
        before="                    self._reset_view(feed, event.position)\n",
        after="                    pass\n",
        breaks="An agent whose rights change is told to load its inbox anew.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="old-rights-come-back",
        file=CONNECTION,
        before="        if event.version <= self._rights_version:\n            return\n"
        "        self._rights_version = event.version\n",
        after="        self._rights_version = event.version\n",
        breaks="An old event that comes late gives no old rights back.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="conversation-followed-by-old-rights",
        file=CONNECTION,
        before="            feed.rights = rights\n            if feed.stream is None:\n",
        after="            if feed.stream is None:\n                feed.rights = rights\n",
        breaks="What an agent may still read after a change of its rights ends by the new ones.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="rights-change-without-a-look",
        file=CONNECTION,
        before="        self._catch_up.review()\n",
        after="",
        breaks="A conversation that an agent may read no longer is taken away, however quiet.",
        tests=(OF_A_SOCKET,),
        played=True,
    ),
    Mutation(
        name="conversation-followed-unasked",
        file=FOLLOWING,
        before='if state.status == "none" or not connection.may_read(state.visitor, state.access):',
        after='agent = connection.rights is not None\n    if state.status == "none" or (\n'
        "        not agent and not connection.may_read(state.visitor, state.access)\n    ):",
        breaks="A conversation's feed is served to an agent who may read it, and to no other.",
        tests=(OF_A_SOCKET,),
        played=True,
    ),
    Mutation(
        name="deactivated-agent-keeps-its-sockets",
        file=HUB,
        before='"agent.password_changed", "agent.deactivated"}',
        after='"agent.password_changed"}',
        breaks="Who was deactivated is told of nothing more, and its sockets end.",
        tests=(f"{OF_A_SOCKET}::test_a_deactivated_agent_is_out_at_once",),
        played=True,
    ),
    Mutation(
        name="closing-and-still-told",
        file=CONNECTION,
        before="        if self._closing is None:\n            self._outgoing.put(text)\n",
        after="        self._outgoing.put(text)\n",
        breaks="A socket that is being closed is told of nothing more.",
        tests=(f"{OF_A_SOCKET}::test_who_was_deactivated_is_told_of_nothing_more",),
        played=True,
    ),
    Mutation(
        name="unjudged-and-still-shown",
        file=CATCH_UP,
        before="                self._fail(feed, error)\n                continue\n",
        after="                continue\n",
        breaks="What cannot be judged by an agent's new rights is not shown to it.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="catching-up-reads-without-a-limit",
        file=CATCH_UP,
        before="                async with self._node.reads:\n"
        "                    return await ask()\n",
        after="                return await ask()\n",
        breaks="However many sockets are behind, the store is read a few pages at a time.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="signals-kept-for-a-slow-socket",
        file=CONNECTION,
        before="if self._welcomed and self._outgoing.size < self.node.settings.queue_bytes:",
        after="if self._welcomed:",
        breaks="What passes is dropped where a socket does not read, and does not pile up.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="rights-read-before-they-are-told",
        file=CONNECTION,
        before="            self.node.hub.join(self)\n            await self._read_rights()\n",
        after="            await self._read_rights()\n            self.node.hub.join(self)\n",
        breaks="No change of rights falls between reading them and hearing of changes.",
        tests=(OF_A_SOCKET,),
    ),
    Mutation(
        name="command-heard-before-the-one-that-waits",
        file=CONNECTION,
        before="        if not self._listening or self._closing is not None:\n",
        after="        if self._closing is not None:\n",
        breaks="Commands of one socket take effect in the order in which they were sent.",
        tests=(CONNECTIONS, OF_A_SOCKET),
    ),
    Mutation(
        name="commands-heard-without-a-limit",
        file=CONNECTION,
        before="if not isinstance(effect, Submit) or not self._answers.take_turn():",
        after="if not isinstance(effect, Submit):",
        breaks="The commands of one socket that are under way are bounded.",
        tests=(CONNECTIONS, OF_A_SOCKET),
    ),
    Mutation(
        name="hub-tells-the-wrong-tenant",
        file=HUB,
        before="inboxes = self._followed.get((committed.log, None))",
        after="inboxes = {name: each for key, told in self._followed.items() if key[1] is None"
        " for name, each in told.items()}",
        breaks="An inbox holds what happened in its own tenant's log only.",
        tests=(HUBS,),
        quick=True,
        played=True,
    ),
    Mutation(
        name="presence-told-to-every-tenant",
        file=HUB,
        before="for sockets in list(self._agents.get(presence.log, {}).values()):",
        after="for sockets in [each for of in self._agents.values() for each in of.values()]:",
        breaks="Who is there is told within the tenant.",
        tests=("tests/unit/websocket/test_presence.py",),
    ),
    Mutation(
        name="one-socket-fails-and-the-rest-hear-nothing",
        file=HUB,
        before="            feed.fall_behind(batch.upto)\n",
        after="            feed.fall_behind(batch.upto)\n            return\n",
        breaks="What one socket cannot take hurts no other.",
        tests=(HUBS,),
    ),
)
