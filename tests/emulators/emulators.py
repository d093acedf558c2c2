# SPDX-License-Identifier: LGPL-2.1-or-later
"""QEMUs that are newer than the machine's, each from a Debian suite, in a tree of its own.

Nothing is installed and nothing needs a chroot: a launcher in the tree runs its QEMU by its own
loader, with its own libraries and firmware. Any runner that knows --qemu takes that launcher.
"""

import hashlib
import os
from dataclasses import dataclass

import debian
import qemu
from vm import Failed

PACKAGES = ("qemu-system-x86", "ovmf")  # what they depend on comes too: libraries, SeaBIOS
# A suite that never is released has lists that are valid for a week only, and a mirror that is
# older than that still signs what it has.
OPTIONS = ["--variant=extract", f"--include={','.join(PACKAGES)}",
           '--aptopt=Acquire::Check-Valid-Until "false"']

LAUNCHER = """#!/bin/sh
# The QEMU of this tree, wherever the tree is.
root=$(dirname "$0")
export QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu"
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \\
	"$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
"""


@dataclass(frozen=True)
class Emulator:
    suite: str
    least: tuple        # the version that the row is for, or a later one


EMULATORS = (
    Emulator("trixie", (10, 0)),
    Emulator("sid", (11, 0)),
)


def get(emulator, log, seconds):
    """The path of its launcher: from the cache, or built into it within this time."""
    digest = hashlib.sha256(repr((PACKAGES, OPTIONS, LAUNCHER)).encode()).hexdigest()[:16]
    tree = debian.cached(f"qemu-{emulator.suite}-{digest}",
                         lambda: demand_means(emulator),
                         lambda folder: make(emulator, folder, log, seconds))
    return os.path.join(tree, qemu.NAME)


def demand_means(emulator):
    debian.demand_means(f"the QEMU of {emulator.suite}", emulator.suite,
                        (("mmdebstrap", "mmdebstrap"),))


def make(emulator, folder, log, seconds):
    debian.make_tree(folder, emulator.suite, OPTIONS, log, seconds)
    launcher = os.path.join(folder, qemu.NAME)
    with open(launcher, "w", encoding="ascii") as out:
        out.write(LAUNCHER)
    os.chmod(launcher, 0o755)
    found = qemu.version_of(launcher)
    if found < emulator.least:
        raise Failed(f"the QEMU of {emulator.suite} is {found}, and {emulator.least} is asked for")
