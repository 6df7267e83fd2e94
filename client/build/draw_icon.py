"""Draw media/icon.png: a lens over the three parts of a token. Uses the standard library only."""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

SIZE = 256
SAMPLES = 4  # per pixel and direction, for smooth edges

BACKGROUND = (15, 42, 67)
RING = (236, 244, 250)
GLASS = (24, 62, 96)
PARTS = ((255, 184, 77), (94, 214, 189), (255, 122, 122))
"""Header, payload, signature."""

Colour = tuple[int, int, int]

CENTRE, RADIUS, RIM = (112.0, 112.0), 68.0, 13.0
HANDLE_FROM, HANDLE_TO, HANDLE_WIDTH = (164.0, 164.0), (212.0, 212.0), 13.0
BARS = ((54.0, 82.0), (90.0, 134.0), (142.0, 170.0))
BAR_TOP, BAR_BOTTOM = 99.0, 125.0


def rounded(x: float, y: float, left: float, top: float, right: float, bottom: float, radius: float) -> bool:
    """Tell whether a point lies in a rectangle with rounded corners."""
    dx = max(left + radius - x, 0.0, x - (right - radius))
    dy = max(top + radius - y, 0.0, y - (bottom - radius))
    return math.hypot(dx, dy) <= radius


def near_handle(x: float, y: float) -> bool:
    """Tell whether a point lies on the lens's handle, a line with round ends."""
    (x1, y1), (x2, y2) = HANDLE_FROM, HANDLE_TO
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
    along = min(1.0, max(0.0, along))
    return math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)) <= HANDLE_WIDTH


def bar(x: float, y: float) -> int | None:
    """Return which part of the token a point lies on."""
    for index, (left, right) in enumerate(BARS):
        if rounded(x, y, left, BAR_TOP, right, BAR_BOTTOM, 13.0):
            return index
    return None


def colour(x: float, y: float) -> Colour | None:
    """Return the colour at a point, None outside the icon."""
    if not rounded(x, y, 0, 0, SIZE, SIZE, 52.0):
        return None
    distance = math.hypot(x - CENTRE[0], y - CENTRE[1])
    part = bar(x, y)
    if distance <= RADIUS:
        return GLASS if part is None else PARTS[part]
    if distance <= RADIUS + RIM or near_handle(x, y):
        return RING
    return BACKGROUND


def pixel(column: int, row: int) -> bytes:
    """Average the samples of a pixel into red, green, blue and alpha."""
    offsets = [(index + 0.5) / SAMPLES for index in range(SAMPLES)]
    hits = [found for dy in offsets for dx in offsets if (found := colour(column + dx, row + dy)) is not None]
    if not hits:
        return bytes(4)
    channels = [round(sum(hit[channel] for hit in hits) / len(hits)) for channel in range(3)]
    return bytes([*channels, round(255 * len(hits) / SAMPLES**2)])


def chunk(kind: bytes, data: bytes) -> bytes:
    """Frame one chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    """Write the file."""
    rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    (Path(__file__).parents[2] / "media" / "icon.png").write_bytes(image)


if __name__ == "__main__":
    main()
