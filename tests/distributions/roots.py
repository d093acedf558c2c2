# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root file system of a suite with what builds kexec-park: made once, by mmdebstrap, and cached.

Cache, mirror and keyring are those of tests/vm/debian.py. A root is never written to: see `enter`.
"""

import hashlib
import os
import subprocess

import debian
from kit import Missing
from vm import Failed

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
TESTS = "clang python3 openssl procps xz-utils zstd".split()
MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
SECONDS = 2400
NAMES = "names-of-the-suite"            # in the root: every package that the suite has
WITHOUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
UNMERGED = ("bullseye",)                # the hook's usr-is-merged is younger
# A mirror's suite that is a month old builds as well. Signatures and digests are always checked.
APT = ('Acquire::Check-Valid-Until "false"', 'APT::Install-Recommends "false"')
SAVE_NAMES = f'chroot "$1" apt-cache dumpavail | sed -n "s/^Package: //p" | sort -u >"$1/{NAMES}"'


def lists(*names):
    """The words of arrays of tests/install.sh."""
    script = f'. "{TOP}/tests/install.sh"; printf "%s\\n" ' + " ".join(f'"${{{name}[@]}}"'
                                                                       for name in names)
    return subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.split()


def recipe(suite):
    """mmdebstrap's options."""
    packages = sorted(set(lists("packages_to_build") + TESTS))
    hooks = [] if suite in UNMERGED else [f"--hook-dir={MERGED_USR}"]
    return ["--variant=minbase", *hooks, f"--include={','.join(packages)}",
            *(f"--aptopt={option}" for option in APT),
            *(f"--dpkgopt=path-exclude={pattern}" for pattern in WITHOUT),
            f"--customize-hook={SAVE_NAMES}"]


def name_of(suite):
    digest = hashlib.sha256(repr((suite, recipe(suite))).encode()).hexdigest()[:16]
    return f"build-{suite}-{digest}"


def get(suite, log):
    """The folder of the root, from the cache or built into it."""
    def demand():
        debian.demand_means(f"the root of {suite}", suite, (("mmdebstrap", "mmdebstrap"),))

    def make(folder):
        debian.make_tree(folder, suite, recipe(suite), log, SECONDS)
    return debian.cached(name_of(suite), demand, make)


def names(tree):
    with open(os.path.join(tree, NAMES), encoding="utf-8") as listing:
        found = set(listing.read().split())
    if len(found) < 1000:
        raise Failed(f"{tree}/{NAMES} has only {len(found)} packages")
    return found


def demand_means():
    """Missing, if this process cannot enter a root."""
    if os.geteuid() != 0:
        raise Missing("to enter a root file system takes root")
    with open("/proc/filesystems", encoding="ascii") as known:
        if "overlay" not in known.read():
            raise Missing("this kernel has no overlay file system (modprobe overlay)")
