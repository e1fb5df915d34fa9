"""What people do at their clients: one thing at a time, whatever their view offers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.simulation.client import Client
from tests.simulation.history import Frame, History

DEPARTMENTS = ("sales", "support")
LONG_TEXT = 400
"""Characters of a long text; a few of them fill a narrow frame."""

FOLLOWED = 3
"""Conversations that an agent has open at most."""

IN_A_ROW = (1, 1, 1, 3)
"""Messages that a visitor sends before any answer."""

NOSY = 0.04
"""How often somebody tries what is perhaps not theirs."""

VISITORS_DO = ("post",) * 8 + ("read", "read", "rate", "close", "page")
AGENTS_DO = (
    ("post",) * 8
    + ("note", "note", "read", "read", "assign", "transfer", "transfer", "tag", "close", "reopen")
    + ("status", "follow", "follow")
)


class Person:
    """Somebody at a client. ``written`` counts the texts, so that each is another."""

    def __init__(
        self, client: Client, chance: Random, agents: Sequence[str], history: History
    ) -> None:
        self.client = client
        self._history = history
        self.known: dict[str, int] = {}
        self.written = 0
        self._chance = chance
        self._agents = agents
        client.heard = self._hear

    def _hear(self, _: str, event: Frame) -> None:
        """Note which conversations there are, and how far each is."""
        kind, _, name = event["stream"].partition("-")
        if kind == "conversation":
            self.known[name] = event["version"]

    def _body(self) -> dict[str, str]:
        self.written += 1
        text = f"{self.client.reader.name} says {self.written} "
        if self._chance.random() < 0.15:
            text += "x" * self._chance.randrange(LONG_TEXT)
        return {"text": text}

    def act(self) -> None:
        """Do one thing."""
        if self._chance.random() < NOSY and self._pry():
            return
        if self.client.reader.role == "visitor":
            self._act_as_visitor()
        else:
            self._act_as_agent()

    def _pry(self) -> bool:
        """Ask for, or write into, a conversation that may be anybody's."""
        names = [
            each.event.stream.partition("-")[2]
            for events in self._history.now.logs.values()
            for each in events
            if each.event.type == "conversation.started"
        ]
        if not names:
            return False
        name = self._chance.choice(names)
        if self._chance.random() < 0.5:
            self.client.write("post", name, body=self._body())
        else:
            self.client.follow(f"conversation:{name}")
        return True

    def _mine(self) -> str | None:
        """The conversation that a visitor is in, as far as it knows."""
        followed = [name for name in self.client.feeds if name.startswith("conversation:")]
        return followed[-1].partition(":")[2] if followed else None

    def _act_as_visitor(self) -> None:
        client, conversation = self.client, self._mine()
        if conversation is None or self._chance.random() < 0.08:
            fields: Frame = {} if self._chance.random() < 0.1 else {"body": self._body()}
            if self._chance.random() < 0.5:
                fields["department"] = self._chance.choice(DEPARTMENTS)
            client.write("start", **fields)
            return
        match self._chance.choice(VISITORS_DO):
            case "post":
                for _ in range(self._chance.choice(IN_A_ROW)):
                    client.write("post", conversation, body=self._body())
            case "read":
                self._read(conversation)
            case "rate":
                client.write("rate", conversation, rating=self._chance.randint(1, 5))
            case "close":
                client.write("close", conversation)
            case _:
                url = f"https://shop.example/{self._chance.randrange(100)}"
                client.write("page", page={"url": url})

    def _read(self, conversation: str) -> None:
        upto = self.known.get(conversation, 1)
        self.client.write("read", conversation, upto=upto)

    def _act_as_agent(self) -> None:
        client, chance = self.client, self._chance
        what = chance.choice(AGENTS_DO)
        if what == "status" or not self.known:
            client.write("status", status=chance.choice(("online", "busy", "away")))
            return
        # Mostly where something happens: so two nodes often decide on one conversation.
        names = list(self.known)
        conversation = names[-1] if chance.random() < 0.4 else chance.choice(names)
        match what:
            case "post" | "note":
                note = {"note": True} if what == "note" else {}
                client.write("post", conversation, body=self._body(), **note)
            case "read":
                self._read(conversation)
            case "assign":
                agent = {"agent": chance.choice(self._agents)} if chance.random() < 0.4 else {}
                client.write("assign", conversation, **agent)
            case "transfer":
                self._transfer(conversation)
            case "tag":
                client.write("tag", conversation, tags=[f"tag{chance.randrange(4)}"])
            case "close" | "reopen":
                client.write(what, conversation)
            case _:
                self._look_elsewhere(conversation)

    def _transfer(self, conversation: str) -> None:
        if self._chance.random() < 0.5:
            to = {"agent": self._chance.choice(self._agents)}
        else:
            to = {"department": self._chance.choice(DEPARTMENTS)}
        self.client.write("transfer", conversation, **to)

    def look_around(self) -> None:
        """Open one of the conversations that an agent knows of."""
        if self.known and self.client.welcomed:
            self._look_elsewhere(self._chance.choice(list(self.known)))

    def _look_elsewhere(self, conversation: str) -> None:
        """Open a conversation, for one of those that are open already."""
        open_ = [name for name in self.client.feeds if name != "inbox"]
        if len(open_) >= FOLLOWED:
            self.client.unfollow(self._chance.choice(open_))
        self.client.follow(f"conversation:{conversation}")
