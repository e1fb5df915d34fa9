"""The library's conformance cases, importable with the cipher that is installed.

They import ``eventsourcing.cipher``, which needs pycryptodome. The library has the same cipher over
``cryptography``, which Parley ships, under another name; it takes that name's place here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from eventsourcing import cryptography

if TYPE_CHECKING:
    from eventsourcing.tests import application, persistence, projection
else:
    sys.modules.setdefault("eventsourcing.cipher", cryptography)
    application, persistence, projection = (
        import_module(f"eventsourcing.tests.{name}")
        for name in ("application", "persistence", "projection")
    )

__all__ = ["application", "persistence", "projection"]
