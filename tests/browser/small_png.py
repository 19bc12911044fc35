"""Pictures of screens as small files: at most 256 colours, which is what a screen of plain areas
and letters needs."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

_REDUCE = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const dots = context.getImageData(0, 0, image.width, image.height).data;
  const counts = new Map();
  for (let at = 0; at < dots.length; at += 4) {
    const colour = (dots[at] << 16) | (dots[at + 1] << 8) | dots[at + 2];
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const palette = [...counts.entries()].sort((a, b) => b[1] - a[1]).slice(0, 256).map((x) => x[0]);
  const nearest = new Map(palette.map((colour, place) => [colour, place]));
  const place = (colour) => {
    let best = 0, least = Infinity;
    palette.forEach((one, number) => {
      const red = (one >> 16) - (colour >> 16);
      const green = ((one >> 8) & 255) - ((colour >> 8) & 255);
      const blue = (one & 255) - (colour & 255);
      const far = red * red + green * green + blue * blue;
      if (far < least) { least = far; best = number; }
    });
    return best;
  };
  let told = "";
  for (let at = 0; at < dots.length; at += 4) {
    const colour = (dots[at] << 16) | (dots[at + 1] << 8) | dots[at + 2];
    if (!nearest.has(colour)) nearest.set(colour, place(colour));
    told += String.fromCharCode(nearest.get(colour));
  }
  return {width: image.width, height: image.height, palette: palette, dots: btoa(told)};
}"""


def small_png(page: Page, picture: bytes) -> bytes:
    """The PNG picture with the 256 colours that it has most of; of each other dot the nearest.
    ``page``: any, for its canvas."""
    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    found = page.evaluate(_REDUCE, source)
    width, height = found["width"], found["height"]
    dots = base64.b64decode(found["dots"])
    lines = b"".join(b"\0" + dots[row * width : (row + 1) * width] for row in range(height))
    colours = b"".join(colour.to_bytes(3, "big") for colour in found["palette"])
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", colours),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
