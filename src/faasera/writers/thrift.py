"""Thrift's compact protocol, as far as a Parquet footer needs it: any struct as plain Python values and back.

Source: the Apache Thrift compact protocol specification.
"""

import struct
from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


@dataclass
class Typed:
    """A value with its Thrift type.

    Structs are dictionaries from field number to ``Typed``; lists are lists of bare values with the elements' type.
    """

    kind: int
    value: Any
    element: int = 0


Struct = dict[int, Typed]


class Reader:
    """Reads values from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def varint(self) -> int:
        """An unsigned number, seven bits a byte."""
        result = shift = 0
        while True:
            byte = self.data[self.place]
            self.place += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7

    def zigzag(self) -> int:
        """A signed number."""
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def struct(self) -> Struct:
        """A struct, to its stop byte."""
        fields: Struct = {}
        number = 0
        while True:
            header = self.data[self.place]
            self.place += 1
            if header == 0:
                return fields
            number = number + (header >> 4) if header >> 4 else self.zigzag()
            fields[number] = self.typed(header & 15)

    def typed(self, kind: int) -> Typed:
        """A field's value."""
        if kind in (TRUE, FALSE):
            return Typed(TRUE, kind == TRUE)
        if kind in (LIST, SET):
            header = self.data[self.place]
            self.place += 1
            count = header >> 4 if header >> 4 != 15 else self.varint()
            element = header & 15
            return Typed(kind, [self.element(element) for _ in range(count)], element)
        return Typed(kind, self.element(kind))

    def element(self, kind: int) -> Any:
        """A bare value.

        Raises:
            ValueError: it is of a type that does not occur in a Parquet footer.
        """
        if kind in (TRUE, FALSE, BYTE):
            self.place += 1
            byte = self.data[self.place - 1]
            return byte == TRUE if kind != BYTE else byte
        if kind in (I16, I32, I64):
            return self.zigzag()
        if kind == DOUBLE:
            self.place += 8
            return struct.unpack("<d", self.data[self.place - 8 : self.place])[0]
        if kind == BINARY:
            length = self.varint()
            self.place += length
            return self.data[self.place - length : self.place]
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"Thrift type {kind} does not occur in a Parquet footer")


def write_struct(fields: Struct) -> bytes:
    """The bytes of a struct."""
    out = bytearray()
    previous = 0
    for number in sorted(fields):
        field = fields[number]
        kind = field.kind if field.kind != TRUE else (TRUE if field.value else FALSE)
        delta = number - previous
        if 0 < delta < 16:
            out.append(delta << 4 | kind)
        else:
            out.append(kind)
            out += _zigzag(number)
        previous = number
        if field.kind == LIST:
            count = len(field.value)
            out += bytes([count << 4 | field.element]) if count < 15 else bytes([0xF0 | field.element]) + _varint(count)
            for value in field.value:
                out += _element(field.element, value)
        elif field.kind != TRUE:
            out += _element(field.kind, field.value)
    out.append(0)
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _element(kind: int, value: Any) -> bytes:
    if kind in (I16, I32, I64):
        return _zigzag(value)
    if kind == BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == STRUCT:
        return write_struct(value)
    if kind == BYTE:
        return bytes([value])
    if kind == DOUBLE:
        return struct.pack("<d", value)
    return bytes([TRUE if value else FALSE])
