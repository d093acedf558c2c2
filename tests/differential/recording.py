# SPDX-License-Identifier: LGPL-2.1-or-later
"""One recorded kexec_load(2): what record-load wrote, as the memory that the next kernel finds."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    phys: int
    size: int           # of the destination; what data does not fill is zeros
    data: bytes

    @property
    def end(self):
        return self.phys + self.size


@dataclass(frozen=True)
class Load:
    entry: int
    flags: int
    status: int         # 0, or a negative errno: what the kernel said to the call
    segments: tuple     # ascending

    def holder(self, phys):
        """The segment that this address is in, or None."""
        return next((s for s in self.segments if s.phys <= phys < s.end), None)

    def bytes_at(self, phys, size):
        """As the next kernel reads them; None where a segment does not hold all of them."""
        segment = self.holder(phys)
        if segment is None or phys + size > segment.end:
            return None
        start = phys - segment.phys
        return segment.data[start:start + size].ljust(size, b"\0")

    def text_at(self, phys):
        """A zero-terminated string, or None."""
        segment = self.holder(phys)
        if segment is None:
            return None
        text, end, _ = segment.data[phys - segment.phys:].partition(b"\0")
        return text.decode("ascii", "backslashreplace") if end else None


def read(folder):
    numbers = {}
    segments = []
    with open(os.path.join(folder, "load"), encoding="ascii") as lines:
        for line in lines:
            word, *values = line.split()
            values = [int(value, 0) for value in values]
            if word != "segment":
                numbers[word], = values
                continue
            phys, size, data_size = values
            with open(os.path.join(folder, f"segment.{len(segments)}"), "rb") as data:
                segments.append(Segment(phys, size, data.read()))
            if len(segments[-1].data) != data_size:
                raise ValueError(f"{folder}/segment.{len(segments) - 1} is cut short")
    return Load(numbers["entry"], numbers["flags"], numbers["status"],
                tuple(sorted(segments, key=lambda each: each.phys)))
