"""The session without a socket: every operation, and every frame that is none."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.websocket.frames import MAX_ID, Subscribe, Unanswerable
from adapters.websocket.session import (
    Effect,
    Follow,
    Greet,
    Pass,
    Phase,
    Send,
    Session,
    Submit,
    Unfollow,
)
from domain.agent.commands import SetStatus
from domain.conversation import commands as c
from domain.conversation.events import Body, Page
from domain.permissions import OPS
from domain.visitor import commands as v

FRAME_BYTES = 128 * 1024
ID = UUID("0192aaaa-0000-7000-8000-000000000001")
TALK = UUID("0192bbbb-0000-7000-8000-000000000002")
GRACE = UUID("0192cccc-0000-7000-8000-000000000003")

COMMANDS: dict[str, tuple[dict[str, Any], object]] = {
    "start": ({"body": {"text": "hi"}}, c.Start(ID, Body("hi"))),
    "post": ({"body": {"text": "hi"}}, c.Post(ID, TALK, Body("hi"))),
    "post note": ({"body": {"text": "hi"}, "note": True}, c.Post(ID, TALK, Body("hi"), note=True)),
    "read": ({"upto": 3}, c.Read(ID, TALK, 3)),
    "delivered": ({"upto": 3}, c.Delivered(ID, TALK, 3)),
    "assign": ({"agent": str(GRACE)}, c.Assign(ID, TALK, GRACE)),
    "transfer": ({"department": "sales"}, c.Transfer(ID, TALK, None, "sales")),
    "leave": ({}, c.Leave(ID, TALK)),
    "tag": ({"tags": ["a", "b"]}, c.SetTags(ID, TALK, ["a", "b"])),
    "close": ({}, c.Close(ID, TALK)),
    "reopen": ({}, c.Reopen(ID, TALK)),
    "rate": ({"rating": 5, "comment": "!"}, c.Rate(ID, TALK, 5, "!")),
    "status": ({"status": "away"}, SetStatus(ID, "away")),
    "introduce": ({"name": "Ada"}, v.Introduce(ID, name="Ada")),
    "introduce visitor": ({"visitor": str(GRACE)}, v.Introduce(ID, GRACE)),
    "greeted": ({"rule": "hello", "text": "Hi"}, v.Greet(ID, "hello", "Hi")),
    "invite": (
        {"visitor": str(GRACE), "body": {"text": "Hi"}},
        v.Invite(ID, GRACE, Body("Hi")),
    ),
    "page": ({"page": {"url": "http://x/"}}, v.ViewPage(ID, Page("http://x/"))),
}
"""Every command: its fields beside op, id and conversation, and what it is read as."""

UNNAMED = {"start", "status", "page", "introduce", "introduce visitor", "greeted", "invite"}


def opened(role: str) -> Session:
    """A session after its welcome."""
    session = Session(FRAME_BYTES)
    session.welcome(role)
    return session


def frame(op: str, **fields: Any) -> str:
    """A frame with the usual id."""
    return json.dumps({"op": op, "id": str(ID), **fields})


def command_frame(name: str) -> str:
    """The frame of a command of the table."""
    fields, _ = COMMANDS[name]
    named = {} if name in UNNAMED else {"conversation": str(TALK)}
    return frame(name.split(maxsplit=1)[0], **named, **fields)


def answer(effect: Effect | None) -> dict[str, Any]:
    """The frame of an effect that answers at once."""
    assert isinstance(effect, Send), effect
    form: dict[str, Any] = json.loads(effect.text)
    return form


def closes(session: Session, text: str | None) -> int:
    """The code with which a frame closes the socket."""
    with pytest.raises(Unanswerable) as caught:
        session.receive(text)
    return caught.value.code


# --- what may come -------------------------------------------------------------------------------


def test_the_table_of_commands_is_the_protocols() -> None:
    """No operation that makes a command is missing here."""
    others = {"hello", "subscribe", "unsubscribe", "typing", "ping"}
    assert set(COMMANDS) | others == set(OPS)


@pytest.mark.parametrize("role", ["visitor", "agent"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_handed_on_or_not_allowed(name: str, role: str) -> None:
    """Each role's commands are read as the domain's own; another's are answered, not obeyed."""
    effect = opened(role).receive(command_frame(name))
    if role in OPS[name]:
        assert effect == Submit(str(ID), COMMANDS[name][1])  # type: ignore[arg-type]  # the table's
    else:
        assert answer(effect)["code"] == "not_allowed"
        assert answer(effect)["id"] == str(ID)


@pytest.mark.parametrize("op", ["assign", "status"])
def test_what_an_agent_may_leave_out(op: str) -> None:
    """``assign`` without an agent is for oneself; ``status`` without a status is nothing."""
    effect = opened("agent").receive(frame(op, conversation=str(TALK)))
    if op == "assign":
        assert effect == Submit(str(ID), c.Assign(ID, TALK))
    else:
        assert answer(effect)["code"] == "bad_request"


def test_feeds_are_followed_and_left() -> None:
    """``subscribe`` and ``unsubscribe`` carry the feed on, unread."""
    session = opened("visitor")
    feed = f"conversation:{TALK}"
    wanted = Follow(str(ID), Subscribe(ID, feed, 4, "00"))
    assert session.receive(frame("subscribe", feed=feed, after=4, mark="00")) == wanted
    assert session.receive(frame("unsubscribe", feed=feed)) == Unfollow(str(ID), feed)


def test_typing_passes() -> None:
    """A typing signal needs no id."""
    text = json.dumps({"op": "typing", "conversation": str(TALK), "on": False})
    assert opened("visitor").receive(text) == Pass(TALK, on=False)


@pytest.mark.parametrize("n", [0, -1, 2**70, 1.5, "x", None])
def test_a_pong_has_the_pings_number(n: object) -> None:
    """Whatever number or text came is given back."""
    text = json.dumps({"op": "ping"} if n is None else {"op": "ping", "n": n})
    pong = answer(opened("agent").receive(text))
    assert (pong["op"], pong.get("n")) == ("pong", n)


@pytest.mark.parametrize("spelling", [str(ID).upper(), ID.hex, str(ID)])
def test_an_answer_carries_the_id_as_it_was_written(spelling: str) -> None:
    """A client finds its command again by its own spelling, wherever else the id stands."""
    text = json.dumps({"op": "start", "x": [str(ID)], "id": spelling, "body": {"text": str(ID)}})
    effect = opened("visitor").receive(text)
    assert isinstance(effect, Submit)
    assert (effect.id, effect.command.id) == (spelling, ID)


def test_the_last_of_two_ids_counts() -> None:
    """A key that comes twice is what it was the last time, in the command and in its answer."""
    text = f'{{"op":"start","id":"{GRACE}","id":"{ID}"}}'
    assert opened("visitor").receive(text) == Submit(str(ID), c.Start(ID))


# --- hello ---------------------------------------------------------------------------------------

HELLO = '{"op":"hello","token":"t","feeds":{"inbox":3}}'


def test_hello_comes_first_and_once() -> None:
    """It is greeted once; whatever comes before the welcome, or a second hello, closes."""
    session = Session(FRAME_BYTES)
    effect = session.receive(HELLO)
    assert isinstance(effect, Greet)
    assert effect.hello.feeds == {"inbox": 3}
    assert session.phase is Phase.GREETED
    assert closes(session, HELLO) == 4400
    session.welcome("agent")
    assert closes(session, HELLO) == 4400


@pytest.mark.parametrize("name", [*COMMANDS])
def test_no_command_comes_before_hello(name: str) -> None:
    """Anything but hello first closes the socket."""
    assert closes(Session(FRAME_BYTES), command_frame(name)) == 4400


@pytest.mark.parametrize(
    "text",
    [
        '{"op":"ping"}',
        '{"op":"typing"}',
        '{"op":"what","id":"x"}',
        '{"op":"hello"}',
        '{"op":"hello","token":5}',
        '{"op":"hello","token":"t","feeds":[]}',
        "nonsense",
    ],
)
def test_a_bad_beginning_closes(text: str) -> None:
    """Neither another frame nor a hello that cannot be read is answered."""
    assert closes(Session(FRAME_BYTES), text) == 4400


# --- what closes, and what is answered -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, 4400),
        ("", 4400),
        ("nonsense", 4400),
        ('{"op":"ping"', 4400),
        ("[]", 4400),
        ("3", 4400),
        ("null", 4400),
        ('{"op":"post","id":"x","n":NaN}', 4400),
        ('{"op":"post","id":"x","n":-Infinity}', 4400),
        ("{}", 4400),
        ('{"op":"post"}', 4400),
        ('{"op":"post","id":5}', 4400),
        ('{"op":"post","id":null}', 4400),
        ('{"op":"post","id":""}', 4400),
        ('{"op":"post","id":"' + "x" * (MAX_ID + 1) + '"}', 4400),
        ('{"op":"what","id":"\\ud800"}', 4400),
        ('{"op":"what","id":"\ud800"}', 4400),
        ('{"op":"what","id":"x","deep":' + "[" * 60_000 + "]" * 60_000 + "}", 4400),
        ('{"op":"hello","id":"x"}', 4400),
        ("x" * (FRAME_BYTES + 1), 4413),
        ("\u20ac" * (FRAME_BYTES // 3 + 1), 4413),
        ("\ud800" * (FRAME_BYTES // 3 + 1), 4413),
    ],
)
def test_what_cannot_be_answered_closes(text: str | None, code: int) -> None:
    """Binary, not JSON, no object, no usable id, too deep, too large."""
    assert closes(opened("visitor"), text) == code


def test_a_frame_of_exactly_the_limit_is_read() -> None:
    """The limit counts bytes, and is itself allowed."""
    text = '{"op":"what","id":"x","pad":""}'
    text = text.replace('""', '"' + "\u20ac" * ((FRAME_BYTES - len(text)) // 3) + '"')
    text += " " * (FRAME_BYTES - len(text.encode()))
    assert answer(opened("visitor").receive(text))["code"] == "unknown_op"
    assert closes(opened("visitor"), text + " ") == 4413


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"op":"what","id":"x"}', "unknown_op"),
        ('{"op":"identify","id":"x"}', "unknown_op"),
        ('{"op":"\\ud800","id":"x"}', "unknown_op"),
        ('{"op":7,"id":"x"}', "unknown_op"),
        ('{"id":"x"}', "unknown_op"),
        ('{"op":"post","id":"x"}', "bad_request"),
        (f'{{"op":"post","id":"x","conversation":"{TALK}","body":{{}}}}', "bad_request"),
        ('{"op":"typing","id":"x"}', "bad_request"),
        ('{"op":"what","id":"y","id":"x"}', "unknown_op"),
        ('{"op":"start","id":"x","n":' + "9" * 5_000 + "}", "bad_request"),
        ('{"op":"start","id":"x","body":{"text":"\\udc00"}}', "bad_request"),
    ],
)
def test_what_can_be_read_is_answered(text: str, code: str) -> None:
    """Unknown operations and bad fields get an error under their id; the socket stays."""
    form = answer(opened("visitor").receive(text))
    assert (form["op"], form["id"], form["code"]) == ("error", "x", code)


@pytest.mark.parametrize(
    "fields",
    [
        {"op": "read", "upto": 0},
        {"op": "read", "upto": 2**53 + 1},
        {"op": "rate", "rating": 6},
        {"op": "post", "body": {"text": 5}},
        {"op": "post", "body": "hi"},
        {"op": "start", "department": "7 Not A Word"},
        {"op": "subscribe", "feed": "inbox", "after": "3"},
        {"op": "subscribe", "feed": "inbox"},
        {"op": "post", "conversation": "elsewhere", "body": {"text": "x"}},
    ],
)
def test_bad_fields_are_answered(fields: dict[str, Any]) -> None:
    """A field of another kind than the protocol's is ``bad_request``."""
    text = json.dumps({"id": str(ID), "conversation": str(TALK), **fields})
    form = answer(opened("visitor").receive(text))
    assert (form["id"], form["code"]) == (str(ID), "bad_request")


def test_numbers_of_any_length_stand_in_no_commands_way() -> None:
    """A field that nobody asked for is not looked at, however long its number is."""
    text = f'{{"op":"start","id":"{str(ID).upper()}","x":{"9" * 5_000}}}'
    assert opened("visitor").receive(text) == Submit(str(ID).upper(), c.Start(ID))


@pytest.mark.parametrize("n", ["7", "null", '"x"', "[1]", '{"a":1}', "1e400", "9" * 5_000])
def test_a_ping_is_answered_with_its_own_n(n: str) -> None:
    """Whatever it is, as it was written."""
    answer = opened("visitor").receive(f'{{"op":"ping","n":{n}}}')
    assert isinstance(answer, Send)
    assert answer.text == f'{{"op":"pong","n":{n}}}'


def test_a_ping_that_no_pong_can_answer_closes() -> None:
    """Half a surrogate pair cannot be sent back."""
    with pytest.raises(Unanswerable) as closed:
        opened("visitor").receive(r'{"op":"ping","n":"\ud800"}')
    assert closed.value.code == 4400


def test_a_ping_without_n_is_answered() -> None:
    """With a pong that has none either."""
    assert opened("visitor").receive('{"op":"ping"}') == Send('{"op":"pong"}')


@pytest.mark.parametrize("text", ['{"op":"typing"}', '{"op":"typing","id":5}'])
def test_passing_frames_that_are_wrong_are_dropped(text: str) -> None:
    """What is answered by no id needs none, and gets no answer."""
    assert opened("visitor").receive(text) is None


# --- anything at all -----------------------------------------------------------------------------

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
field_names = st.sampled_from(
    ["op", "id", "conversation", "body", "text", "feed", "after", "n", "upto", "page", "agent"]
)
field_values = json_values | st.sampled_from(
    [str(ID), str(TALK), *(name.split()[0] for name in OPS)]
)
frames = st.dictionaries(field_names | st.text(max_size=8), field_values, max_size=8)
all_text = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    "said", [{"name": "a\x00b"}, {"phone": "1\n2"}, {"name": "ok\n"}, {"email": "nobody"}]
)
def test_what_is_no_name_or_address_is_refused(said: dict[str, str]) -> None:
    """Control characters show as boxes; joiners and marks of direction are part of names."""
    assert answer(opened("visitor").receive(frame("introduce", **said)))["code"] == "bad_request"
    fine = opened("visitor").receive(frame("introduce", name="\u202bא\u200d\u202c"))
    assert isinstance(fine, Submit)


@given(all_text)
def test_any_text_is_answered_or_closes(text: str) -> None:
    """Nothing that a client can send raises anything else."""
    for session in (Session(FRAME_BYTES), opened("visitor")):
        with suppress(Unanswerable):
            session.receive(text)


@given(frames, st.sampled_from(["visitor", "agent"]), st.booleans())
def test_any_frame_with_an_id_is_answered(
    form: dict[str, Any], role: str, ascii_only: bool
) -> None:
    """After hello a frame with a text for an id is answered, or handed on for an answer."""
    id_, text = form.get("id"), json.dumps(form, ensure_ascii=ascii_only)
    try:
        effect = opened(role).receive(text)
    except Unanswerable:
        usable = isinstance(id_, str) and 0 < len(id_) <= MAX_ID
        if usable and form.get("op") != "hello":
            raise
        return
    if isinstance(effect, Submit | Follow | Unfollow):
        assert effect.id == form["id"]
    elif form.get("op") not in ["typing", "ping"]:
        assert answer(effect)["id"] == form["id"]


EVERY_OP: dict[str, str] = {
    **{name: command_frame(name) for name in COMMANDS},
    "subscribe": frame("subscribe", feed="inbox", after=0),
    "unsubscribe": frame("unsubscribe", feed="inbox"),
    "typing": frame("typing", conversation=str(TALK)),
    "ping": frame("ping"),
}


def test_every_op_is_walked() -> None:
    """Of the table only ``hello`` is not here: who may say it is asked when the token is known."""
    assert set(EVERY_OP) == set(OPS) - {"hello"}


@pytest.mark.parametrize("role", ["visitor", "agent"])
@pytest.mark.parametrize("op", EVERY_OP)
@pytest.mark.parametrize("allowed", [True, False])
def test_the_table_is_asked_for_every_op(
    op: str, role: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the table gives a role is done, and what it does not give is not, whatever it is."""
    monkeypatch.setitem(OPS, op, frozenset({role} if allowed else ()))
    effect = opened(role).receive(EVERY_OP[op])
    if allowed:
        assert effect is not None
        assert not (isinstance(effect, Send) and answer(effect)["op"] == "error")
    elif op in {"typing", "ping"}:
        assert effect is None
    else:
        assert answer(effect)["code"] == "not_allowed"
