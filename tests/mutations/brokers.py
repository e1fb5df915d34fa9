"""Mutations of fan-out: relay and checkpoints, the node's tail, RabbitMQ."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

PUBLISHING = "brokers/publishing.py"
RELAYED = "brokers/relayed_logs.py"
ORDERING = "brokers/ordering.py"
TAIL = "brokers/tail.py"

RELAY = "tests/unit/brokers/test_relay.py"
TAILS = "tests/unit/brokers/test_tail.py"
EVERY_RELAY = "tests/property/test_relay.py"
EVERY_TAIL = "tests/property/test_tail.py::test_everything_is_told_once_and_in_order"

MUTATIONS = (
    Mutation(
        name="checkpoint-before-publish",
        file=PUBLISHING,
        before="            window.read = events[-1].position\n",
        after="            window.read = events[-1].position\n"
        "            followed.confirmed = window.sent[-1][0]\n",
        breaks="A relay's checkpoint never lies beyond what the broker has confirmed.",
        tests=(EVERY_RELAY,),
    ),
    Mutation(
        name="checkpoint-not-contiguous",
        file=PUBLISHING,
        before="        upto, publishing = self.sent[0]\n",
        after="        upto, publishing = self.sent[-1]\n",
        breaks="A slice that was not confirmed holds the checkpoint, whatever came after it.",
        tests=(RELAY, EVERY_RELAY),
    ),
    Mutation(
        name="publish-window-without-a-limit",
        file=PUBLISHING,
        before="room = 1 if followed.refused else self._settings.window_slices",
        after="room = 1 if followed.refused else 1_000_000",
        breaks="What is on its way to the broker is bounded.",
        tests=(RELAY,),
        played=True,
    ),
    Mutation(
        name="relay-fencing-skipped",
        file=RELAYED,
        before="fenced=log not in moved)",
        after="fenced=False)",
        breaks="A relay that lost its shard unawares stops when its checkpoint was moved.",
        tests=(RELAY,),
    ),
    Mutation(
        name="relay-checkpoint-moved-blindly",
        file="adapters/postgres/sql/migrations/0012_advance_from_nothing.sql",
        before="        AND (c.position, c.mark) = (m.was, m.was_mark)\n",
        after="",
        breaks="A checkpoint moves by compare-and-set only.",
        tests=("tests/contract/test_outbox.py::test_a_checkpoint_moves_once",),
    ),
    Mutation(
        name="relay-another-history-not-noticed",
        file=RELAYED,
        before="confirmed = checkpoint if standing.same_history else NOTHING",
        after="confirmed = checkpoint",
        breaks="Another history is published from its beginning.",
        tests=(RELAY,),
    ),
    Mutation(
        name="relay-waits-for-a-log-that-went-back",
        file=RELAYED,
        before="        elif standing.head < confirmed:\n",
        after="        elif False:\n",
        breaks="What is written after a restore is published, and not only beyond where it was.",
        tests=(RELAY,),
    ),
    Mutation(
        name="relay-takes-up-logs-without-a-limit",
        file=RELAYED,
        before="            async with self._turns:\n",
        after="            if True:\n",
        breaks="However many logs have grown, a few are published at a time.",
        tests=(RELAY,),
    ),
    Mutation(
        name="tail-reads-holes-without-a-limit",
        file=TAIL,
        before="        async with self._reads:\n",
        after="        if True:\n",
        breaks="However many logs have holes, a few are read at a time.",
        tests=(TAILS,),
    ),
    Mutation(
        name="relay-works-on-others-shards",
        file="brokers/relay.py",
        before="            if self._is_ours(standing.log):\n",
        after="            if True:\n",
        breaks="A relay leaves alone what it has given up.",
        tests=("tests/unit/brokers/test_relay_sharing.py",),
    ),
    Mutation(
        name="log-told-beyond-a-hole",
        file=ORDERING,
        before="        if committed.after > self.told:\n",
        after="        if False:\n",
        breaks="Those who follow the whole log hear it in order, without a hole.",
        tests=(EVERY_TAIL,),
        quick=True,
        played=True,
    ),
    Mutation(
        name="overlap-told-again",
        file=ORDERING,
        before="events = tuple(event for event in committed.events if event.position > told)",
        after="events = committed.events",
        breaks="Of a slice that overlaps only the rest is told.",
        tests=(TAILS,),
        played=True,
    ),
    Mutation(
        name="held-slices-without-a-limit",
        file=ORDERING,
        before="        while self.held > self._held_events:\n",
        after="        while False:\n",
        breaks="What waits beyond a hole is bounded.",
        tests=(TAILS,),
    ),
    Mutation(
        name="tail-does-not-read-holes",
        file=TAIL,
        before="if followed.order.is_behind and followed.filling is None:",
        after="if False:",
        breaks="What the broker loses is read from the store.",
        tests=(TAILS,),
        played=True,
    ),
    Mutation(
        name="tail-trusts-a-low-beacon",
        file=TAIL,
        before="followed.order.newest = max(followed.order.newest, head)",
        after="followed.order.newest = head",
        breaks="A head that is lower than what is known makes nobody forget what is missing.",
        tests=(TAILS, EVERY_TAIL),
    ),
    Mutation(
        name="tail-does-not-look-at-heads",
        file=TAIL,
        before="                self._grown(followed, head.position)\n",
        after="                pass\n",
        breaks="Without any word from the broker a message still comes, by the look at the heads.",
        tests=(TAILS,),
    ),
    Mutation(
        name="tail-binds-after-reading",
        file=TAIL,
        before="            await self._broker.follow(followed.log, head.tenant)\n"
        "            (head,) = await self._store.heads([followed.log])\n",
        after="            await self._broker.follow(followed.log, head.tenant)\n",
        breaks="A node binds a log first and reads its head after that, so nothing falls between.",
        tests=(TAILS, "tests/property/test_tail.py"),
    ),
    Mutation(
        name="tail-log-that-went-back-not-noticed",
        file=TAIL,
        before="            if head.position < before:\n",
        after="            if False:\n",
        breaks="A log that ends before what was told is another history.",
        tests=(TAILS,),
    ),
    Mutation(
        name="tail-filling-ends-after-an-await",
        file=TAIL,
        before="            followed.filling = None\n",
        after="            await asyncio.sleep(0)\n            followed.filling = None\n",
        breaks="No hole is left between seeing that nothing is missing and being done.",
        tests=(TAILS, EVERY_TAIL),
    ),
    Mutation(
        name="slice-requeued-instead-of-acked",
        file="brokers/rabbitmq/consumer.py",
        before="        await message.ack()\n",
        after="        await message.reject(requeue=True)\n",
        breaks="What a node was given it is done with: nothing comes again and again.",
        tests=("tests/contract/test_broker_contract.py",),
        hangs=True,
    ),
)
