"""The types of files that can be taken: what their names end in, and what they are called.

Nothing that a browser would run is among them: no HTML, no SVG, no script, no program.
"""

from __future__ import annotations

from typing import Final

from domain.errors import Refused

TYPES: Final[dict[str, tuple[str, ...]]] = {
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    "image/heic": ("heic", "heif"),
    "application/pdf": ("pdf",),
    "text/plain": ("txt", "log", "md"),
    "text/csv": ("csv",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/msword": ("doc",),
    "application/vnd.ms-excel": ("xls",),
    "application/vnd.ms-powerpoint": ("ppt",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
    "application/zip": ("zip",),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/wav": ("wav",),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov",),
    "video/webm": ("webm",),
}
"""Every type, and the endings of its names."""

TEXTS: Final = frozenset({"text/plain", "text/csv"})
"""Those that have no signature: any text is one."""

PICTURES: Final[dict[str, str]] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}
"""Images that are decoded, for their measures and a thumbnail: what Pillow calls them."""


def is_image(media_type: str) -> bool:
    """Whether it is of an image, decoded or not."""
    return media_type.startswith("image/")


def ending(name: str) -> str:
    """What a name ends in, in small letters and without the dot."""
    return name.rpartition(".")[2].casefold() if "." in name else ""


def type_of(name: str, allowed: tuple[str, ...]) -> str:
    """The media type that a name promises. Refused where it is none of those allowed."""
    end = ending(name)
    for media_type in allowed:
        if end in TYPES[media_type]:
            return media_type
    taken = ", ".join(each for media_type in allowed for each in TYPES[media_type])
    raise Refused("type_not_allowed", f"Files of this type are not taken; these are: {taken}.")
