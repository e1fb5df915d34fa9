"""What a file is, by its content: :class:`domain.file.ports.Inspector`.

Its first chunk says of which kind it is. A picture is decoded by a program of its own, which also
makes it smaller; a text has to be one to its end. No more than a chunk of it is here at a time.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from importlib.resources import files
from typing import Final

import puremagic

from domain.errors import Refused
from domain.file.ports import Seen
from domain.file.settings import FileSettings
from domain.file.types import PICTURES, TEXTS, TYPES, is_image

_HEAD: Final = 4_096
"""Bytes that say of which kind a file is."""

_BEGIN: Final = 4
_BOX: Final = b"ftyp"
_MORE: Final[dict[str, tuple[bytes, ...]]] = {
    "video/mp4": (b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"dash", b"avc1", b"mmp4"),
    "image/heic": (b"mif1", b"msf1", b"heim", b"heis", b"hevc"),
}
"""Brands of MP4 files and their kin, at the eighth byte, that the library does not know."""

_FRAMES: Final = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")
"""How an MP3 without a tag begins."""

_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins."""

_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
"""What no text has."""

_PROGRAM: Final = str(files("adapters.files") / "thumbnailer.py")


class ContentInspector:
    """Looks at files. So many pictures at a time; others wait."""

    def __init__(self, settings: FileSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.pictures_at_once)

    async def inspect(self, media_type: str, chunks: AsyncIterator[bytes]) -> Seen:
        first = await anext(chunks)
        kind = self._kind(media_type, first)
        looked = _Looked(kind, first, chunks)
        if kind in PICTURES:
            async with self._places:
                return await self._picture(kind, looked)
        async for _ in looked.all():
            pass
        return Seen(kind, looked.digest)

    def _kind(self, media_type: str, head: bytes) -> str:
        """What a file that begins so is. Refused where its name says something else."""
        images = tuple(each for each in self._settings.types if is_image(each))
        for kind in (media_type, *images) if is_image(media_type) else (media_type,):
            if _fits(kind, head):
                return kind
        endings = " or ".join(f".{each}" for each in TYPES[media_type])
        raise Refused("type_mismatch", f"Its name says {endings}, but its content does not.")

    async def _picture(self, kind: str, looked: _Looked) -> Seen:
        settings = self._settings
        arguments = (
            settings.picture_pixels,
            settings.thumbnail_pixels,
            settings.picture_bytes,
            max(1, int(settings.picture_s)),
        )
        # Isolated from the environment, which has what is secret.
        command = (sys.executable, "-I", _PROGRAM, PICTURES[kind], *map(str, arguments))
        program = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}
        )
        try:
            async with asyncio.timeout(settings.picture_s):
                answer = await _fed(program, looked)
        except TimeoutError:
            raise Refused("damaged_image") from None
        finally:
            with suppress(ProcessLookupError):
                program.kill()
            await program.wait()
        measures, _, thumbnail = answer.partition(b"\n")
        if not thumbnail:
            raise Refused("damaged_image")
        width, height = map(int, measures.split())
        return Seen(kind, looked.digest, width, height, thumbnail)


async def _fed(program: Process, looked: _Looked) -> bytes:
    """Give a program the whole file; its answer, empty where it has none."""
    assert program.stdin is not None
    assert program.stdout is not None
    reading = asyncio.ensure_future(program.stdout.read())
    try:
        async for chunk in looked.all():
            with suppress(ConnectionError):  # it has seen enough; we look on, for the digest
                program.stdin.write(chunk)
                await program.stdin.drain()
        program.stdin.close()
        answer = await reading
        return answer if await program.wait() == 0 else b""
    finally:
        reading.cancel()


class _Looked:
    """A file as it goes by: its digest, once all of it has, and whether a text is one."""

    def __init__(self, media_type: str, first: bytes, rest: AsyncIterator[bytes]) -> None:
        self._text = media_type in TEXTS and not first.startswith(_MARKS)
        self._first = first
        self._rest = rest
        self._hash = sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of what has gone by, in hex."""
        return self._hash.hexdigest()

    async def all(self) -> AsyncIterator[bytes]:
        """Every chunk."""
        yield self._seen(self._first)
        async for chunk in self._rest:
            yield self._seen(chunk)

    def _seen(self, chunk: bytes) -> bytes:
        if self._text and len(chunk.translate(None, _CONTROLS)) < len(chunk):
            raise Refused("type_mismatch", "Its name says that it is a text, but it is none.")
        self._hash.update(chunk)
        return chunk


def _fits(media_type: str, head: bytes) -> bool:
    """Whether a file that begins so can be of this type."""
    if media_type in TEXTS:
        return True
    if head[_BEGIN:].startswith(_BOX) and head[_BEGIN + 4 :].startswith(_MORE.get(media_type, ())):
        return True
    if media_type == "audio/mpeg" and head.startswith(_FRAMES):
        return True
    return not {f".{ending}" for ending in TYPES[media_type]}.isdisjoint(_endings(head))


def _endings(head: bytes) -> set[str]:
    """What the names of files that begin so may end in, as far as the library knows."""
    try:
        return {each.extension for each in puremagic.magic_string(head[:_HEAD])}
    except (puremagic.PureError, ValueError):
        return set()
