#!/usr/bin/env python3
"""Draws banana-diag.ico: a banana, the space between two circles, in the sizes that Windows asks for.

python3 diag/windows/make_icon.py diag/windows/banana-diag.ico
"""
import struct
import sys
import zlib

SAMPLES = 4  # in each direction, of every pixel
SIZES = (16, 24, 32, 48, 256)
OUTLINE, SKIN, TIP = (122, 82, 10), (255, 209, 46), (92, 62, 20)


def colour_at(x, y):
    """The colour at a point of the unit square; none outside of the banana."""
    x, y = (x - 0.16) / 0.82, (y - 0.12) / 0.82
    outer = ((x - 0.40) ** 2 + (y - 0.38) ** 2) ** 0.5
    inner = ((x - 0.27) ** 2 + (y - 0.22) ** 2) ** 0.5
    if outer > 0.54 or inner < 0.46 or x + y < 0.62:
        return None
    along = (x - 0.40) - (y - 0.38)
    if abs(along) > 0.62:
        return TIP
    return OUTLINE if outer > 0.51 or inner < 0.48 else SKIN


def pixels(size):
    """Rows from the top, each pixel as (red, green, blue, alpha)."""
    rows = []
    for row in range(size):
        line = []
        for column in range(size):
            seen = [colour_at((column + (i + 0.5) / SAMPLES) / size, (row + (j + 0.5) / SAMPLES) / size)
                    for i in range(SAMPLES) for j in range(SAMPLES)]
            solid = [colour for colour in seen if colour]
            mean = [sum(part) // len(solid) for part in zip(*solid)] if solid else [0, 0, 0]
            line.append((*mean, 255 * len(solid) // len(seen)))
        rows.append(line)
    return rows


def png(rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    size = len(rows)
    raw = b"".join(b"\0" + bytes(value for pixel in line for value in pixel) for line in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def bitmap(rows):
    """As icons hold it: no file header, twice the height, from the bottom up, then a mask of one bit a pixel."""
    size = len(rows)
    colours = b"".join(bytes((b, g, r, a)) for line in reversed(rows) for r, g, b, a in line)
    mask = bytes((size + 31) // 32 * 4 * size)
    header = struct.pack("<IiiHHIIiiII", 40, size, size * 2, 1, 32, 0, len(colours) + len(mask), 0, 0, 0, 0)
    return header + colours + mask


def main():
    images = [png(pixels(size)) if size == 256 else bitmap(pixels(size)) for size in SIZES]
    offset = 6 + 16 * len(SIZES)
    directory = struct.pack("<HHH", 0, 1, len(SIZES))
    for size, image in zip(SIZES, images):
        directory += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    with open(sys.argv[1], "wb") as file:
        file.write(directory + b"".join(images))
    if len(sys.argv) > 2:
        with open(sys.argv[2], "wb") as file:
            file.write(images[-1])


if __name__ == "__main__":
    main()
