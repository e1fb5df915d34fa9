"""The limits of files, and where they lie. ``ops`` fills them in; nothing here reads a variable."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.file.types import TYPES

MIB = 1024 * 1024
DAY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Where files lie, how large and how many they may be, and of which types."""

    url: str | None = None
    """Where files lie: ``s3://bucket/prefix`` for an S3-compatible store, which nodes on several
    machines need. By default the directory ``files`` below the data directory."""

    endpoint: str | None = None
    """Address of the S3-compatible store, such as ``https://s3.example.com``; by default that of
    Amazon's for the region."""

    region: str = "us-east-1"
    """Region of the S3-compatible store; most that are not Amazon's take any."""

    access_key: str | None = field(default=None, repr=False)
    """Name of the key by which the S3-compatible store lets us in."""

    secret_key: str | None = field(default=None, repr=False)
    """The key itself. Both are needed with ``files.url``; nothing else is asked for credentials."""

    answer_s: float = 5.0
    """Seconds for one answer of the S3-compatible store: a chunk on a slow line. A stop waits for
    those under way, and has 10 s."""

    threads: int = 8
    """Chunks of one process that are read or written at a time; each waits for a disk or a line."""

    max_bytes: int = 20 * MIB
    """Bytes of a file. 20 MiB: a long PDF or a phone's photographs; a film is for elsewhere."""

    chunk_bytes: int = 256 * 1024
    """Bytes of a chunk, which is sent, encrypted and read as a whole: what a lost network costs."""

    chunk_s: float = 60.0
    """Seconds in which a chunk must have come: 35 kbit/s, a phone on a very bad line."""

    chunks_at_once: int = 128
    """Chunks of one process that are on their way in at a time, which is the memory they may take;
    more are told ``busy``."""

    visitor_daily_bytes: int = 200 * MIB
    """Bytes that one visitor may begin to send in 24 hours, of each file a chunk at least."""

    address_daily_bytes: int = 1024 * MIB
    """Bytes that all visitors of one network address may begin to send at once, and again over 24
    hours: who is a new visitor each time fills the disk so fast and no faster. Without Redis each
    process counts for itself. 1 GiB: an office with many."""

    types: tuple[str, ...] = tuple(TYPES)
    """Media types that are taken, of those in ``docs/files.md``."""

    unfinished_s: float = DAY_S
    """Seconds after its last chunk that an unfinished file is kept: whoever loses the network in
    the evening goes on in the morning."""

    sweep_s: float = 60.0
    """Seconds between two looks at what is to be removed."""

    sweep_files: int = 100
    """Files that are removed in one go: the next look goes on."""

    lease_s: float = 600.0
    """Seconds after which another process removes what one began to remove and did not end."""

    pictures_at_once: int = 2
    """Images of one process that are decoded at a time, each in a process of its own."""

    picture_s: float = 20.0
    """Seconds for one image to be decoded and made smaller; an honest one takes one."""

    picture_pixels: int = 64_000_000
    """Pixels of an image that is decoded: more than cameras have, less than a bomb needs."""

    picture_bytes: int = 1024 * MIB
    """Bytes of memory for decoding one image; beyond it the image is refused."""

    thumbnail_pixels: int = 480
    """Pixels of a thumbnail's longer side: a phone's width at twice the density is 780, and a
    message takes half of that."""

    download_stall_s: float = 60.0
    """Seconds after which a download ends whose client takes nothing."""
