# SPDX-License-Identifier: LGPL-2.1-or-later
"""The distributions and compilers that kexec-park is held to: one table, which `run` reads."""

from dataclasses import dataclass

UNIT = ("unit",)
QUICK = ("unit", "cli", "machines")     # tiers of `make check` that need no guest


@dataclass(frozen=True)
class Row:
    """A build with -Werror. In CFLAGS a later -std= replaces the tree's."""
    suite: str
    compiler: str
    tests: tuple = QUICK
    flags: str = ""
    whole: bool = False                 # with --whole: ./check and ./demo too

    @property
    def name(self):
        return ".".join(filter(None, (self.suite, self.compiler, self.flags.partition("=")[2])))


# Debian 11: gcc 10, autoconf 2.69, cmocka 1.1.5, headers of Linux 5.10, glibc 2.31. (Its clang 11 has
# no -mgeneral-regs-only for x86, which the purgatory needs.) Ubuntu 22.04 is younger in each of these
# (5.15, glibc 2.35): what Debian 11's headers have, its have too. Debian 12: gcc 12, clang 14. 13: gcc
# 14, clang 19. sid: at the time of writing gcc 16 and clang 21, autoconf 2.73, cmocka 2.
ROWS = (
    Row("bullseye", "gcc", UNIT),
    Row("bookworm", "gcc", whole=True),
    Row("bookworm", "clang"),
    Row("trixie", "gcc", whole=True),
    Row("trixie", "gcc", UNIT, "-std=gnu23"),
    Row("trixie", "clang"),
    Row("sid", "gcc", whole=True),
    Row("sid", "gcc", UNIT, "-std=gnu23"),
    Row("sid", "clang"),
)
