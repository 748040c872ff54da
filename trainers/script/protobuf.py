"""As much of protobuf's wire format as reading scalars needs (protobuf.dev, "Encoding")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    """A field of a message: `integer` for a varint, `data` for the other wire types."""

    number: int
    wire: int
    integer: int
    data: bytes


def fields(message: bytes) -> Iterator[Field]:
    """The fields in order. Raises IndexError where the bytes are no message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == VARINT:
            integer, at = _varint(message, at)
            yield Field(key >> 3, wire, integer, b"")
            continue
        if wire == BYTES:
            size, at = _varint(message, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise IndexError(f"wire type {wire}")
        if at + size > len(message):
            raise IndexError("a field reaches beyond its message")
        yield Field(key >> 3, wire, 0, message[at : at + size])
        at += size


def varints(data: bytes) -> Iterator[int]:
    """Packed varints."""
    at = 0
    while at < len(data):
        number, at = _varint(data, at)
        yield number


def signed(number: int) -> int:
    """A varint of 64 bits as int32 and int64 mean it."""
    return number - (1 << 64) if number >> 63 else number


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
