"""The golden vectors of the hash chain, in ``chain.json``: never to be changed, only added to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.chain import Link

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("chain.json").read_text("utf-8"))
LOG = UUID(VECTORS["log"])


def link_of(event: dict[str, Any]) -> Link:
    """The hashed fields of a vector, as the chain takes them."""
    ids = {name: UUID(event[name]) for name in ("log", "event_id", "key_id")}
    raw = {name: bytes.fromhex(event[name]) for name in ("metadata", "data")}
    return Link(**{name: event[name] for name in Link.__struct_fields__} | ids | raw)
