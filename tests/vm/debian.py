# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trees of Debian packages, fetched by mmdebstrap and kept in a cache outside of the source tree.

KEXEC_PARK_CACHE names the cache (${XDG_CACHE_HOME:-/var/cache}/kexec-park), and KEXEC_PARK_MIRROR
where Debian is taken from. apt, under mmdebstrap, checks what comes against Debian's keyring.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import urllib.request

from kit import Missing
from vm import Failed

MIRROR = os.environ.get("KEXEC_PARK_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
BUILD_SECONDS = 900


def cache_folder():
    """Made if need be."""
    folder = os.environ.get("KEXEC_PARK_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or "/var/cache", "kexec-park")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as why:
        raise Missing(f"no cache for Debian packages: {why} (set KEXEC_PARK_CACHE)") from None
    return folder


def demand_means(what, suite, programs):
    """Missing, if @what, which is not in the cache, cannot be built here."""
    if os.geteuid() != 0:
        raise Missing(f"{what} is not built yet, which takes root")
    for program, package in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/sbin:/usr/sbin"):
            raise Missing(f"{program} is not installed ({package})")
    if not os.path.exists(KEYRING):
        raise Missing(f"no {KEYRING} (install debian-archive-keyring)")
    release = f"{MIRROR}/dists/{suite}/InRelease"
    try:
        with urllib.request.urlopen(release, timeout=20) as answer:
            answer.read(1)
    except OSError as why:
        raise Missing(f"{what} is not built yet, and {release}: {why}") from None


def run_logged(command, log, seconds=BUILD_SECONDS):
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}) as child:
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)    # what it started, too
            raise Failed(f"{command[0]} took over {seconds} s: see {log}") from None
    if child.returncode:
        raise Failed(f"{command[0]} ended with status {child.returncode}: see {log}")


def make_tree(tree, suite, options, log, seconds=BUILD_SECONDS):
    """mmdebstrap fetches all packages before it extracts the first: what goes wrong until then is
    the network's fault."""
    source = f"deb [signed-by={KEYRING}] {MIRROR} {suite} main"
    try:
        run_logged(["mmdebstrap", "--mode=root", "--format=directory", *options,
                    suite, tree, source], log, seconds)
    except Failed as why:
        with open(log, encoding="utf-8", errors="replace") as said:
            if "I: extracting archives" not in said.read():
                raise Missing(f"the packages could not be fetched: {why}") from None
        raise


def cached(name, demand, make):
    """The folder @name of the cache; where there is none, make(NEW FOLDER), if demand() agrees. One
    run at a time builds."""
    cache = cache_folder()
    target = os.path.join(cache, name)
    if os.path.isdir(target):
        return target
    demand()
    try:
        lock = open(os.path.join(cache, "lock"), "w", encoding="ascii")
    except OSError as why:
        raise Missing(f"the cache cannot be written: {why} (set KEXEC_PARK_CACHE)") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(target):   # another run may have built it meanwhile
            with tempfile.TemporaryDirectory(dir=cache) as work:
                new = os.path.join(work, "new")
                os.mkdir(new, 0o755)
                make(new)
                os.rename(new, target)
    return target
