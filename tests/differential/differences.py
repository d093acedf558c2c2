# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compare the facts of two loads, and judge the differences by the list of expected ones."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

import stanzas
from facts import ABSENT, Map

KEYS = ("loads", "field", "stock", "ours", "why")


@dataclass(frozen=True)
class Difference:
    field: str
    stock: str
    ours: str

    def __str__(self):
        return f"{self.field}\n\tstock: {self.stock}\n\tours:  {self.ours}"


@dataclass(frozen=True)
class Expected:
    """loads, field, stock and ours are patterns, as of a shell; @loads are separated by blanks."""
    loads: str
    field: str
    stock: str
    ours: str
    why: str
    line: int

    def concerns(self, load):
        return any(fnmatchcase(load, each) for each in self.loads.split())

    def matches(self, difference):
        return all(fnmatchcase(getattr(difference, key), getattr(self, key))
                   for key in ("field", "stock", "ours"))


def between(stock, ours):
    """Every Difference of two dicts of facts."""
    for name in sorted(set(stock) | set(ours)):
        pair = stock.get(name, ABSENT), ours.get(name, ABSENT)
        if all(isinstance(value, Map) for value in pair):
            yield from of_maps(name, *pair)
        elif pair[0] != pair[1]:
            yield Difference(name, *map(str, pair))


def of_maps(name, stock, ours):
    """A Difference for each piece of the address space that the two do not agree on."""
    bounds = sorted({bound for each in (stock, ours) for start, last, _ in each.rows
                     for bound in (start, last + 1)})
    for start, past in zip(bounds, bounds[1:]):
        pair = stock.at(start), ours.at(start)
        if pair[0] != pair[1]:
            yield Difference(f"{name} {start:#x}..{past - 1:#x}", *pair)


def read_expected(text):
    for stanza, line in stanzas.read(text):
        stanzas.demand(stanza, KEYS, line)
        yield Expected(**stanza, line=line)


def judge(load, differences, expected):
    """What is wrong, as lines: differences that nobody lists, listed ones that did not occur."""
    differences = list(differences)
    mine = [each for each in expected if each.concerns(load)]
    for difference in differences:
        if not any(each.matches(difference) for each in mine):
            yield f"{load}: not listed: {difference}"
    for each in mine:
        if not any(each.matches(difference) for difference in differences):
            yield f"{load}: line {each.line} lists what does not occur: {each.field}"
