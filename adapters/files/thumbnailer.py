"""A program of its own: from an image on its input come its measures and a small one of it.

It is run once for each image and then gone. Whatever a hostile image does to a decoder it does
here, where memory and time are bounded and nothing is to be had: no key, no connection. It is run
by its path, and imports nothing of ours.

Arguments: the image's format as Pillow calls it, pixels at most, pixels of the small image's longer
side, bytes of memory, seconds. Output: ``width height`` on a line, then the small image as WebP.
Status 3: no such image, or a damaged one, or one that is too large.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

NOT_AN_IMAGE = 3
QUALITY = 80


def main(form: str, pixels: int, edge: int, memory: int, seconds: int) -> int:
    """Read, decode, make smaller, write."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")  # the limit below is ours, and is no warning
    Image.MAX_IMAGE_PIXELS = None
    try:
        sys.stdout.buffer.write(_smaller(sys.stdin.buffer.read(), form, pixels, edge))
    except Exception:  # noqa: BLE001 - whatever it is, it is the image's
        return NOT_AN_IMAGE
    return 0


def _smaller(raw: bytes, form: str, pixels: int, edge: int) -> bytes:
    with Image.open(io.BytesIO(raw), formats=[form]) as image:
        width, height = image.size
        if width * height > pixels:
            raise ValueError("too many pixels")
        turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
        image.draft("RGB", (2 * edge, 2 * edge))  # of a JPEG only as much as is needed
        image.load()
        small = ImageOps.exif_transpose(image).convert("RGBA" if _clear(image) else "RGB")
        small.thumbnail((edge, edge))
    out = io.BytesIO()
    Image.frombytes(small.mode, small.size, small.tobytes()).save(out, "WEBP", quality=QUALITY)
    measures = (height, width) if turned else (width, height)
    return b"%d %d\n" % measures + out.getvalue()


_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})


def _clear(image: Image.Image) -> bool:
    """Whether something of it is transparent."""
    return image.has_transparency_data


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:6])))
