# SPDX-License-Identifier: LGPL-2.1-or-later
"""The file "matrix": which kernels, which tests on which pairs of them, and what is known to fail."""

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

import stanzas

KEYS = {"kernel": ("kernel", "suites", "package"),
        "tests": ("tests", "pairs", "ci"),
        "known": ("known", "pairs", "shows", "why")}


@dataclass(frozen=True)
class Row:
    """A kernel: the newest package of some suites whose whole name matches a regular expression."""
    name: str
    suites: tuple
    package: str


@dataclass(frozen=True)
class Tests:
    """Patterns of CASE/TOOL and of OLD>NEW; @ci are the pairs that CI runs, of those."""
    tests: tuple
    pairs: tuple
    ci: tuple

    def has(self, test, pair, soak):
        return (matches(test, self.tests) and pair_matches(pair, self.pairs)
                and (soak or pair_matches(pair, self.ci)))


@dataclass(frozen=True)
class Known:
    """Tests that fail on these pairs, with a reason that matches @shows, for the reason @why."""
    tests: tuple
    pairs: tuple
    shows: str
    why: str
    line: int

    def concerns(self, test, pair):
        return matches(test, self.tests) and pair_matches(pair, self.pairs)


def matches(name, patterns):
    return any(fnmatchcase(name, each) for each in patterns)


def pair_matches(pair, patterns):
    """Of ("5.10", "6.1"), "5.10>*" matches, and "different"; of ("6.1", "6.1"), "same"."""
    alike = "same" if pair[0] == pair[1] else "different"
    return alike in patterns or matches(">".join(pair), patterns)


@dataclass(frozen=True)
class Matrix:
    kernels: dict       # by name, in the order of the file
    tests: tuple
    known: tuple

    def wanted(self, every, soak):
        """(case, tool, (old, new)) for what is to run, of @every (case, tool)."""
        for pair in ((old, new) for old in self.kernels for new in self.kernels):
            for case, tool in every:
                if any(each.has(f"{case.name}/{tool}", pair, soak) for each in self.tests):
                    yield case, tool, pair

    def known_of(self, test, pair):
        return next((each for each in self.known if each.concerns(test, pair)), None)


def parse(text):
    kernels, tests, known = {}, [], []
    for stanza, line in stanzas.read(text):
        kind = next(iter(stanza))
        if kind not in KEYS:
            raise ValueError(f"line {line}: a stanza starts with {', '.join(KEYS)}, not {kind}")
        stanzas.demand(stanza, KEYS[kind], line)
        words = {key: tuple(value.split()) for key, value in stanza.items()}
        if kind == "kernel":
            name = stanza["kernel"]
            kernels[name] = Row(name, words["suites"], stanza["package"])
        elif kind == "tests":
            tests.append(Tests(**words))
        else:
            re.compile(stanza["shows"])
            known.append(Known(words["known"], words["pairs"], stanza["shows"], stanza["why"], line))
    return Matrix(kernels, tuple(tests), tuple(known))


def read():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "matrix")
    with open(path, encoding="utf-8") as text:
        return parse(text.read())


def judge(outcome, known):
    """A listed failure passes, with its reason; a listed one that is gone fails."""
    if not known or outcome.verdict == "SKIP":
        return
    if outcome.verdict == "PASS":
        outcome.verdict = "FAIL"
        outcome.why = f"line {known.line} of the matrix lists a failure that is gone"
    elif re.search(known.shows, outcome.why):
        outcome.verdict, outcome.last_words = "PASS", ""
        outcome.why = f"known, line {known.line} of the matrix: {outcome.why}"
