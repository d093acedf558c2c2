# SPDX-License-Identifier: LGPL-2.1-or-later
"""Read the headers of an ELF64 core (the System V gABI and its x86-64 supplement)."""

import struct
from dataclasses import dataclass

PT_LOAD, PT_NOTE = 1, 4
ET_CORE, EM_X86_64 = 4, 62


class Corrupt(Exception):
    pass


@dataclass(frozen=True)
class Segment:
    kind: int
    offset: int
    phys: int
    file_bytes: int


@dataclass(frozen=True)
class Core:
    segments: tuple

    def offset_of(self, phys):
        """Where in the file the byte at a physical address is, or None."""
        for segment in self.segments:
            if segment.kind == PT_LOAD and 0 <= phys - segment.phys < segment.file_bytes:
                return segment.offset + phys - segment.phys
        return None


def parse(head):
    if head[:6] != b"\x7fELF\x02\x01":
        raise Corrupt("not a little-endian ELF64 file")
    kind, machine = struct.unpack_from("<HH", head, 16)
    if (kind, machine) != (ET_CORE, EM_X86_64):
        raise Corrupt(f"type {kind}, machine {machine}: not an x86-64 core")
    table, = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    if size != 56 or table + size * count > len(head):
        raise Corrupt(f"{count} program headers of {size} bytes at {table:#x} do not fit")
    segments = []
    for i in range(count):
        kind, _, offset, _, phys, file_bytes, _, _ = struct.unpack_from(
            "<IIQQQQQQ", head, table + i * size)
        segments.append(Segment(kind, offset, phys, file_bytes))
    if not any(each.kind == PT_NOTE for each in segments):
        raise Corrupt("no PT_NOTE")
    return Core(tuple(segments))
