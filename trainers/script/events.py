"""Scalars out of TensorBoard event files, without the tensorboard package.

A file is a sequence of TFRecords: a length (8 bytes), its masked CRC-32C (4), the data, and their
CRC (4), little-endian. Each record is an `Event` message of tensorflow/core/util/event.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from trainers.script import protobuf
from trainers.script.protobuf import BYTES, FIXED32, VARINT

_HEADER = struct.Struct("<QI")
_FOOTER_BYTES = 4
_LARGEST = 4 << 20  # a record of scalars is far smaller: images and graphs are passed over
# DataType numbers of tensorflow/core/framework/types.proto.
_FLOAT, _DOUBLE, _INT32, _INT64, _HALF = 1, 2, 3, 9, 19
_FORMATS = {_FLOAT: "<f", _DOUBLE: "<d", _INT32: "<i", _INT64: "<q", _HALF: "<e"}


class Scalar(NamedTuple):
    tag: str
    step: int
    value: float


class BrokenRecord(ValueError):
    """The bytes are no TFRecord, or no Event."""


def scalars(file: BinaryIO) -> Iterator[Scalar]:
    """The scalars from the file's position on. Leaves the position after the last whole record, so
    that a file still being written can be read on later. Raises BrokenRecord."""
    while True:
        start = file.tell()
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            break
        length, crc = _HEADER.unpack(header)
        if _masked_crc(header[:8]) != crc:
            raise BrokenRecord(f"no record at byte {start}")
        if length > _LARGEST:
            end = start + _HEADER.size + length + _FOOTER_BYTES
            if file.seek(0, 2) < end:
                break
            file.seek(end)
            continue
        data = file.read(length + _FOOTER_BYTES)
        if len(data) < length + _FOOTER_BYTES:
            break
        yield from _of_event(data[:length])
    file.seek(start)


def _of_event(data: bytes) -> list[Scalar]:
    step, found = 0, list[tuple[str, float]]()
    try:
        for number, wire, integer, part in protobuf.fields(data):
            if (number, wire) == (2, VARINT):
                step = protobuf.signed(integer)
            elif (number, wire) == (5, BYTES):  # Summary
                values = [f.data for f in protobuf.fields(part) if (f.number, f.wire) == (1, BYTES)]
                found += [scalar for value in values if (scalar := _of_value(value))]
    except (IndexError, struct.error) as error:
        raise BrokenRecord(str(error)) from None
    return [Scalar(tag, step, value) for tag, value in found]


def _of_value(data: bytes) -> tuple[str, float] | None:
    """(tag, value) of a Summary.Value that is a scalar, in the old form or as a tensor."""
    tag, value = "", None
    for number, wire, _, part in protobuf.fields(data):
        if (number, wire) == (1, BYTES):
            tag = part.decode("utf-8", "replace")
        elif (number, wire) == (2, FIXED32):
            value = float(struct.unpack("<f", part)[0])
        elif (number, wire) == (8, BYTES):
            value = _of_tensor(part)
    return None if value is None else (tag, value)


def _of_tensor(data: bytes) -> float | None:
    """The value of a TensorProto with one number in it; None for any other."""
    kind, content, typed = 0, b"", list[float]()
    for number, wire, integer, part in protobuf.fields(data):
        match number:
            case 1:
                kind = integer
            case 4:
                content = part
            case 5 | 6:  # float_val, double_val: packed, or one by one
                typed += [n for (n,) in struct.iter_unpack("<f" if number == 5 else "<d", part)]
            case 7 | 10:  # int_val, int64_val
                typed += [float(protobuf.signed(n)) for n in ([integer] if wire == VARINT else protobuf.varints(part))]
            case 13:  # half_val: the bits of a float16 as an integer
                halves = [integer] if wire == VARINT else protobuf.varints(part)
                typed += [struct.unpack("<e", struct.pack("<H", n))[0] for n in halves]
    form = _FORMATS.get(kind, "")
    if content and form and len(content) == struct.calcsize(form):
        return float(struct.unpack(form, content)[0])
    return typed[0] if len(typed) == 1 else None


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def _masked_crc(data: bytes) -> int:
    """CRC-32C with TFRecord's mask."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
