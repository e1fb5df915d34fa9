"""Mutations of the way from a command to its answer: group commit, lanes, decisions, order."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

GROUP_COMMIT = "domain/group_commit.py"
COMMANDS = "domain/handling/commands.py"
PLAN = "domain/handling/plan.py"

GROUPS = "tests/unit/domain/test_group_commit.py"
HANDLED = "tests/unit/handling/test_commands.py"
RIGHTS = "tests/unit/handling/test_rights.py"
STATES = "tests/unit/handling/test_states.py"
HISTORIES = "tests/property/test_handling.py"
SENDER = "tests/unit/handling/test_sender.py"

MUTATIONS = (
    Mutation(
        name="any-cancellation-is-a-stop",
        file=GROUP_COMMIT,
        before="                    if _is_cancelled():\n",
        after="                    if True:\n",
        breaks="A batch that the store gives up does not end the node's writing.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="ack-before-commit",
        file=COMMANDS,
        before="        return Append(\n            pending.command.id,\n",
        after="        pending.resolve(Ack(pending.command.id, outcome.conversation, 1, 1))\n"
        "        return Append(\n            pending.command.id,\n",
        breaks="An ack means committed.",
        tests=(HISTORIES,),
        played=True,
    ),
    Mutation(
        name="group-commit-busy-after-an-await",
        file=GROUP_COMMIT,
        before="            del self._queues[log]\n",
        after="            await asyncio.sleep(0)\n            del self._queues[log]\n",
        breaks="No append is left behind between seeing the queue empty and ending.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="group-commit-two-batches-at-once",
        file=GROUP_COMMIT,
        before="                    await self._send(log, batch, told, self._histories)\n",
        after="                    self._start(log, queue)\n"
        "                    await self._send(log, batch, told, self._histories)\n",
        breaks="One batch of a log is on its way at a time, so commits come out in order.",
        tests=(GROUPS,),
        played=True,
    ),
    Mutation(
        name="halving-loses-one",
        file=GROUP_COMMIT,
        before="await self._send(log, batch[middle:], told, histories)",
        after="await self._send(log, batch[middle + 1 :], told, histories)",
        breaks="What the store will not take fails alone; everything else in its batch is written.",
        tests=(GROUPS,),
        quick=True,
    ),
    Mutation(
        name="halving-stops-at-the-first-half",
        file=GROUP_COMMIT,
        before="        await self._send(log, batch[middle:], told, histories)\n",
        after="        _fail(batch[middle:], error)\n",
        breaks="One command that cannot be stored fails none of its neighbours.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="group-commit-queue-without-a-limit",
        file=GROUP_COMMIT,
        before="if len(queue) >= self._queue_commands:",
        after="if False:",
        breaks="Nothing that waits for the store grows without bound.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="told-after-the-answers",
        file=GROUP_COMMIT,
        before=(
            "        self._publish(log, answers)\n"
            "        for waiting, answer in zip(batch, answers, strict=True):\n"
            "            waiting.answer(answer, len(batch))\n"
        ),
        after=(
            "        for waiting, answer in zip(batch, answers, strict=True):\n"
            "            waiting.answer(answer, len(batch))\n"
            "        self._publish(log, answers)\n"
        ),
        breaks="What is committed is told to this node's sockets before its answers are given.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="lane-removed-after-an-await",
        file="domain/handling/lanes.py",
        before="        finally:\n            del self._lanes[lane.log, lane.name]\n",
        after="        finally:\n            await asyncio.sleep(0)\n"
        "            del self._lanes[lane.log, lane.name]\n",
        breaks="No command is left behind between seeing its lane empty and ending.",
        tests=(HISTORIES, HANDLED),
        played=True,
    ),
    Mutation(
        name="lane-without-a-limit",
        file="domain/handling/lanes.py",
        before="if len(lane.waiting) >= self._limit:",
        after="if False:",
        breaks="The commands that wait in one lane are bounded.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="provisional-outcome-not-named",
        file=COMMANDS,
        before="rests_on[0] if rests_on else None)",
        after="None)",
        breaks="What was decided on an outcome that did not come is not written.",
        tests=(HISTORIES, HANDLED),
    ),
    Mutation(
        name="decided-on-two-outcomes-at-once",
        file=COMMANDS,
        before="            if len(rests_on) > 1:",
        after="            if False:",
        breaks="A decision on two provisional outcomes waits until they have come out.",
        tests=(HISTORIES, HANDLED),
    ),
    Mutation(
        name="refused-without-asking-the-log",
        file=COMMANDS,
        before="elif found.versions == rests_on:",
        after="elif True:",
        breaks="A refusal rests on what the log says, not on what a node has kept.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="repeat-refused-like-a-new-command",
        file=COMMANDS,
        before="        if found.last is not None:\n",
        after="        if False:\n",
        breaks="A repeat gets its first answer even when it would be refused today.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="conflicts-go-to-the-end",
        file=COMMANDS,
        before="lane.waiting.extendleft(reversed(again))",
        after="lane.waiting.extend(again)",
        breaks="What conflicted is decided again in its place, before what came after it.",
        tests=(HISTORIES, HANDLED),
    ),
    Mutation(
        name="acked-behind-a-refused-command",
        file=COMMANDS,
        before="        if not pending.in_order():\n            return True\n        match answer:",
        after="        match answer:",
        breaks="Nothing is acked behind a command that was given up.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="order-after-busy-not-kept",
        file="domain/handling/sender.py",
        before="        if first is None or place < first.place:\n            return\n",
        after="        if first is None or place > 0:\n            return\n",
        breaks="What comes behind a command that was given up waits until that is sent again.",
        tests=(SENDER,),
    ),
    Mutation(
        name="unknown-outcome-refused-for-good",
        file="domain/handling/pending.py",
        before='self.give_up("unavailable")',
        after='self.refuse(Refused("internal"))',
        breaks="An answer that was lost is no refusal: the client is told to send it again.",
        tests=(
            HISTORIES,
            "tests/unit/websocket/test_connection.py",
        ),
    ),
    Mutation(
        name="rights-not-part-of-the-command",
        file=PLAN,
        before="return Plan(reads + parts if parts else (), name)",
        after="return Plan(parts, name)",
        breaks="An agent whose rights another node has taken writes nothing here.",
        tests=(RIGHTS,),
    ),
    Mutation(
        name="erasure-forgets-who-may-read",
        file="domain/handling/states.py",
        before="if event.data is None and isinstance(state, conversation.Conversation):",
        after="if False:",
        breaks="After an erasure those may read what is left who could before, and no others.",
        tests=(STATES,),
    ),
    Mutation(
        name="deactivated-agent-writes-on",
        file=PLAN,
        before="    if not entry.state.active:\n"
        '        raise Refused("not_allowed", "This agent was deactivated.")\n',
        after="",
        breaks="Who was deactivated writes nothing, though its node has not heard of it yet.",
        tests=(RIGHTS,),
        played=True,
    ),
    Mutation(
        name="given-to-an-agent-who-has-left",
        file=PLAN,
        before="    return [replace(event, name=entry.state.name)], (stream,)\n",
        after="    return [replace(event, name=entry.state.name)], ()\n",
        breaks="A conversation is given to nobody whom another node has deactivated.",
        tests=(RIGHTS,),
    ),
    Mutation(
        name="given-up-without-a-limit",
        file="domain/handling/sender.py",
        before="        if first is None and len(self._given_up) >= MAX_GIVEN_UP:\n",
        after="        if False:\n",
        breaks="What a sender has given up, and is kept in mind for its order, is bounded.",
        tests=(SENDER,),
    ),
    Mutation(
        name="second-conversation-opened",
        file=PLAN,
        before="        changed = visitor.open_conversation(name, who.state)\n",
        after="        return ()\n",
        breaks="A visitor has one open conversation at most, whatever two nodes do.",
        tests=(HANDLED,),
        played=True,
    ),
    Mutation(
        name="visitor-in-anothers-conversation",
        file=PLAN,
        before="own = state.visitor == sender.actor.id",
        after="own = True",
        breaks="A visitor says and reads nothing in another's conversation.",
        tests=(HANDLED, RIGHTS, "tests/unit/websocket/test_connection.py"),
    ),
    Mutation(
        name="lane-works-twice-at-once",
        file="domain/handling/lanes.py",
        before="        if not lane.busy:\n            self.go_on(lane)\n",
        after="        self.go_on(lane)\n",
        breaks="The commands of a lane take effect in the order in which they came.",
        tests=(HISTORIES, HANDLED),
        played=True,
    ),
    Mutation(
        name="alone-though-its-sender-is-in-doubt",
        file=COMMANDS,
        before="        if pending.sender.in_doubt:\n",
        after="        if False:\n",
        breaks="What is decided by itself too waits for a command that was given up before it.",
        tests=(HISTORIES, HANDLED),
    ),
    Mutation(
        name="alone-and-overtaken",
        file=COMMANDS,
        before="            lane.waiting.appendleft(pending)\n",
        after="            lane.waiting.append(pending)\n",
        breaks="What conflicted by itself is decided again before what came after it.",
        tests=(HISTORIES, HANDLED),
    ),
    Mutation(
        name="state-read-of-the-history-before",
        file="domain/handling/states.py",
        before="        if history != self.histories:\n",
        after="        if False:\n",
        breaks="A state that was being read when the history changed is read again.",
        tests=("tests/unit/handling/test_states.py",),
    ),
    Mutation(
        name="lost-history-built-upon-for-ever",
        file=COMMANDS,
        before="                if attempts > self._limits.trusting_attempts:\n",
        after="                if False:\n",
        breaks="A state that nothing continues any more is read from its beginning.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="state-with-a-hole-kept",
        file="domain/handling/states.py",
        before="if event.version == entry.version + 1 and not _bars(event):",
        after="if not _bars(event):",
        breaks="A state that missed an event decides nothing.",
        tests=("tests/unit/handling/test_states.py",),
    ),
)
