"""A picture of coloured pixels and small capitals, written as PNG without an imaging library."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SCALE = 2  # pixels of one dot of a letter
_PAPER, _INK = 255, 40
# Three dots wide and five high, row by row from the top: an octal digit a row behind each sign.
_GLYPHS = """
A25755 B65656 C34443 D65556 E74647 F74644 G34553 H55755 I72227 J11152 K55655 L44447 M57755 N65555 O25552 P65644 Q25563
R65655 S34216 T72222 U55557 V55552 W55775 X55255 Y55222 Z71247 075557 126227 271747 371317 455711 574717 674757 771122
875757 975717 _00007 -00700 .00002 ,00024 :02020 /11244 =07070 (24442 )21112 #57575 %51245 +02720
"""
_LETTERS = {word[0]: word[1:] for word in _GLYPHS.split()}


class Picture:
    """White paper of `width` × `height` pixels."""

    letter = 4 * _SCALE  # how far a letter reaches, with the space after it

    def __init__(self, width: int, height: int) -> None:
        self._pixels_HW3 = np.full((height, width, 3), _PAPER, np.uint8)

    def paste(self, x: int, y: int, colours_HW3: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        height, width = colours_HW3.shape[:2]
        self._pixels_HW3[y : y + height, x : x + width] = colours_HW3

    def write(self, x: int, y: int, text: str) -> None:
        """In capitals; what there is no letter for is left blank."""
        for i, sign in enumerate(text.upper()):
            for row, digit in enumerate(_LETTERS.get(sign, "")):
                for column in range(3):
                    if int(digit) & 4 >> column:
                        top, left = y + row * _SCALE, x + i * self.letter + column * _SCALE
                        self._pixels_HW3[top : top + _SCALE, left : left + _SCALE] = _INK

    def png(self) -> bytes:
        """See https://www.w3.org/TR/png: eight bits a channel, no filter."""
        height, width, _ = self._pixels_HW3.shape
        rows = np.concatenate([np.zeros((height, 1), np.uint8), self._pixels_HW3.reshape(height, -1)], axis=1)
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
        return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
