"""Everything else that is stored for ever, or given out for long, as this program makes it.

Chain and events have golden files of their own. ``stored.json`` was written once, by running this
module; what is in it is never changed. A derivation that comes out otherwise would turn each repeat
into ``id_reused``, known users into strangers, or make what is stored unreadable.
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from adapters.postgres.cipher import (
    NONCE_BYTES,
    Content,
    DataKey,
    Place,
    encrypt_event,
    encrypt_label,
)
from adapters.postgres.masterkeys import KeyName, MasterKeys
from adapters.postgres.written import metadata_encoder
from domain import credentials, digests, ids
from domain.agent import commands as agent
from domain.conversation import commands as c
from domain.conversation.events import Body, Greeting, Page
from domain.envelope import Access, Metadata
from domain.handling.pending import content_of
from domain.handling.plan import Command
from domain.tokens import Claims, Tokens
from domain.visitor import commands as visitor
from ops import master_key

FILE = Path(__file__).with_name("stored.json")
LOG = UUID("018cc251-f400-7abc-9def-0123456789ab")
ID = UUID("018cc251-f401-7abc-9def-0123456789ab")
TALK = UUID("018cc251-f402-8abc-9def-0123456789ab")
KEY_ID = UUID("018cc251-f403-7abc-9def-0123456789ab")
SECRET = bytes(range(32))
NONCE = bytes(range(NONCE_BYTES))
KEY = DataKey(KEY_ID, "visitor-1", SECRET)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PAGE = Page("https://shop.example/?a=b", "The shop", "https://search.example/")

COMMANDS: dict[str, Command] = {
    "start": c.Start(ID, Body("Grüße"), PAGE, "sales"),
    "start, empty": c.Start(ID),
    "post": c.Post(ID, TALK, Body("Grüße")),
    "post a file": c.Post(ID, TALK, Body(file=str(TALK))),
    "post a note": c.Post(ID, TALK, Body("Grüße"), note=True),
    "read": c.Read(ID, TALK, 7),
    "delivered": c.Delivered(ID, TALK, 7),
    "assign": c.Assign(ID, TALK, TALK),
    "take": c.Assign(ID, TALK),
    "transfer to an agent": c.Transfer(ID, TALK, TALK),
    "transfer to a department": c.Transfer(ID, TALK, None, "sales"),
    "leave": c.Leave(ID, TALK),
    "tag": c.SetTags(ID, TALK, ["a", "日本語"]),
    "close": c.Close(ID, TALK),
    "reopen": c.Reopen(ID, TALK),
    "rate": c.Rate(ID, TALK, 5, "thanks"),
    "rate, bare": c.Rate(ID, TALK, 1),
    "status": agent.SetStatus(ID, "away"),
    "start, greeted": c.Start(
        ID, channel="link", language="zh-Hans", greeting=Greeting("hello", "Grüße"), invitation=TALK
    ),
    "status, automatic": agent.SetStatus(ID, "away", automatic=True),
    "introduce": visitor.Introduce(ID, TALK, "Ada", "ada@shop.example", "+49 30", {"plan": "pro"}),
    "introduce, bare": visitor.Introduce(ID),
    "greeted": visitor.Greet(ID, "hello", "Grüße"),
    "invite": visitor.Invite(ID, TALK, Body("Can I help?")),
    "page": visitor.ViewPage(ID, PAGE),
    "page, bare": visitor.ViewPage(ID, Page("https://shop.example/")),
}


def _metadata() -> dict[str, bytes]:
    places = Access("sales", str(TALK)), Access()
    metadata = {
        "metadata": Metadata(ID),
        "metadata, whole": Metadata(ID, KEY_ID, TALK, *places),
        "metadata, begun": Metadata(ID, after=Access("sales")),
        "metadata, traced": Metadata(ID, after=Access("sales"), trace=TRACE),
    }
    return {name: metadata_encoder.encode(each) for name, each in metadata.items()}


def _encrypted() -> dict[str, bytes]:
    place = Place(LOG, ID, "message.posted", 1, KEY_ID)
    content = Content(b"d" * 16, "Ada", b"payload")
    masters = MasterKeys([SECRET])
    wrapped = masters.wrap(KeyName(LOG, "visitor-1", KEY_ID), SECRET[::-1], lambda count: NONCE)
    return {
        "event": encrypt_event(KEY, place, content, NONCE),
        "label": encrypt_label(KEY, LOG, "sessions.name", b"Ada", NONCE),
        "wrapped key": wrapped,
        "command digest": KEY.command_digest(b"content"),
        "blind key": KEY.derive("parley.blind.1 sessions.tag"),
        "token key": master_key.token_keys([SECRET])[0],
    }


def _texts() -> dict[str, str]:
    token = Tokens([SECRET]).issue(Claims(LOG, "visitor", str(ID), 1_800_000_000, "site", 0))
    renewal = credentials.renewal_secret("visitor", LOG, SECRET)
    api_key = credentials.api_key(LOG, SECRET[:8], SECRET)
    parsed, key = credentials.parse_renewal("visitor", renewal), credentials.parse_api_key(api_key)
    assert parsed is not None
    assert key is not None
    return {
        "conversation": str(ids.derived_id("conversation", LOG, "visitor", str(ID), ID)),
        "user": digests.user_key(SECRET, "ada@shop.example"),
        "e-mail": digests.email_key(SECRET, " Ada@Shop.example "),
        "nonce": digests.nonce_digest(SECRET, "nonce").hex(),
        "identity": digests.identity_signature("secret", "site", "Ada", 1_700_000_000, "nonce"),
        "site": credentials.site_id(LOG, SECRET[:6]),
        "api key": api_key,
        "api key, id": key.key,
        "api key, digest": key.digest.hex(),
        "renewal": renewal,
        "renewal, digest": parsed.digest.hex(),
        "token": token,
    }


def stored() -> dict[str, str]:
    """Every derivation by name, bytes in hex."""
    contents = {f"content of {name}": content_of(each) for name, each in COMMANDS.items()}
    raw = contents | _metadata() | _encrypted()
    return {name: value.hex() for name, value in raw.items()} | _texts()


def main() -> None:
    """Add what is not in the file yet; what is there stays."""
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    FILE.write_text(json.dumps(stored() | known, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
