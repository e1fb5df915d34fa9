"""Looking up names, each in a thread of its own that may be left behind.

The system's resolver cannot be cut off. A name that nobody answers must hold up no other lookup,
and no process that wants to end: hence no pool, whose threads are waited for.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread


class Names:
    """The system's resolver. ``lookups`` at a time; more wait for one of them to end."""

    def __init__(self, lookups: int) -> None:
        self._free = asyncio.Semaphore(lookups)

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of a host, best first. Raises OSError, UnicodeError.

        And RuntimeError, where the system has no thread for it.
        """
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[str]] = loop.create_future()

        def tell(addresses: list[str] | OSError | UnicodeError) -> None:
            self._free.release()
            if found.done():
                return  # nobody waits for it any more
            if isinstance(addresses, list):
                found.set_result(addresses)
            else:
                found.set_exception(addresses)

        def look() -> None:
            addresses = _addresses(host, port)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, addresses)

        try:
            Thread(target=look, name=f"name of {host}", daemon=True).start()
        except RuntimeError:
            self._free.release()
            raise
        return await found


def _addresses(host: str, port: int) -> list[str] | OSError | UnicodeError:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return error
    return [str(address[0]) for *_, address in answers]
