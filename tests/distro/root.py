# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Debian root file system with systemd and kdump-tools: built once, by mmdebstrap, and cached.

KEXEC_PARK_CACHE names the cache (${XDG_CACHE_HOME:-/var/cache}/kexec-park), and KEXEC_PARK_MIRROR
where Debian is taken from. A root belongs to the recipe that made it: another recipe, another root.
"""

import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import tempfile
import urllib.request

from kit import Missing
from vm import Failed

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = "bookworm"
MIRROR = os.environ.get("KEXEC_PARK_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
SIZE = "3G"             # of the file system; the file is sparse
BUILD_SECONDS = 900

# The last line: the libraries of kexec-park.
PACKAGES = """usr-is-merged systemd-sysv udev kmod
    linux-image-amd64 initramfs-tools dracut-core zstd kdump-tools makedumpfile kexec-tools
    busybox procps
    libelf1 libjansson4 liblzma5 libzstd1 zlib1g""".split()
# Drivers of hardware that QEMU's machine does not have are most of the kernel's package.
WITHOUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*"] + [
    f"/lib/modules/*/kernel/{part}/*" for part in (
        "drivers/gpu", "drivers/infiniband", "drivers/media", "drivers/net", "drivers/scsi",
        "drivers/staging", "drivers/usb", "drivers/iio", "drivers/hid", "sound")]


class Root:
    """The files of a built root: a disk, and the kernel and initrd that boot it."""

    def __init__(self, folder):
        self.disk, self.kernel, self.initrd = (
            os.path.join(folder, name) for name in ("disk", "vmlinuz", "initrd"))

    def unpack(self, target, log):
        """The files of the disk, but for devices and the like, into a folder."""
        run_logged(["debugfs", "-R", f"rdump / {target}", self.disk], log)


def hook(name):
    return os.path.join(HERE, "root", name)


def recipe():
    """The command that makes a root, but for where to; and the digest of all that goes into it."""
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory",
               f"--hook-dir={MERGED_USR}", f"--include={','.join(PACKAGES)}",
               f"--essential-hook={hook('before-packages')}",
               f"--customize-hook={hook('after-packages')}",
               *(f"--dpkgopt=path-exclude={pattern}" for pattern in WITHOUT)]
    digest = hashlib.sha256(repr((SUITE, PACKAGES, WITHOUT, SIZE)).encode())
    for name in ("before-packages", "after-packages"):
        with open(hook(name), "rb") as script:
            digest.update(script.read())
    return command, digest.hexdigest()[:16]


def cache_folder():
    """Where roots are kept, made if need be."""
    folder = os.environ.get("KEXEC_PARK_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or "/var/cache", "kexec-park")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as why:
        raise Missing(f"no cache for the root file system: {why} (set KEXEC_PARK_CACHE)") from None
    return folder


def demand_means():
    """Missing, if a root cannot be built here."""
    if os.geteuid() != 0:
        raise Missing("the root file system is not built yet, which takes root")
    for program, package in (("mmdebstrap", "mmdebstrap"), ("mke2fs", "e2fsprogs")):
        if not shutil.which(program, path=os.environ["PATH"] + ":/sbin:/usr/sbin"):
            raise Missing(f"{program} is not installed ({package})")
    if not os.path.exists(KEYRING):
        raise Missing(f"no {KEYRING} (install debian-archive-keyring)")
    release = f"{MIRROR}/dists/{SUITE}/InRelease"
    try:
        with urllib.request.urlopen(release, timeout=20) as answer:
            answer.read(1)
    except OSError as why:
        raise Missing(f"the root file system is not built yet, and {release}: {why}") from None


def run_logged(command, log):
    with open(log, "w", encoding="utf-8") as out:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                  timeout=BUILD_SECONDS, check=False,
                                  env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        except subprocess.TimeoutExpired:
            raise Failed(f"{command[0]} took over {BUILD_SECONDS} s: see {log}") from None
    if done.returncode:
        raise Failed(f"{command[0]} ended with status {done.returncode}: see {log}")


def make_tree(tree, command, log):
    """mmdebstrap fetches all packages before it extracts the first: what goes wrong until then is
    the network's fault."""
    source = f"deb [signed-by={KEYRING}] {MIRROR} {SUITE} main"
    try:
        run_logged([*command, SUITE, tree, source], log)
    except Failed as why:
        with open(log, encoding="utf-8", errors="replace") as said:
            if "I: extracting archives" not in said.read():
                raise Missing(f"the packages could not be fetched: {why}") from None
        raise


def make(folder, command, log):
    """Into a new folder: the disk from a tree, with the kernel and the initrd of its /boot."""
    tree = os.path.join(folder, "tree")
    make_tree(tree, command, log)
    root = Root(folder)
    for pattern, target in (("vmlinuz-*", root.kernel), ("initrd.img-*", root.initrd)):
        path, = glob.glob(os.path.join(tree, "boot", pattern))
        shutil.copyfile(path, target)
    run_logged(["mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=0,nodiscard",
                "-d", tree, root.disk, SIZE], f"{log}.mke2fs")
    shutil.rmtree(tree)


def get(log):
    """The root, from the cache or built into it. One run at a time builds."""
    command, digest = recipe()
    cache = cache_folder()
    target = os.path.join(cache, f"{SUITE}-{digest}")
    if os.path.isdir(target):
        return Root(target)
    demand_means()
    try:
        lock = open(os.path.join(cache, "lock"), "w", encoding="ascii")
    except OSError as why:
        raise Missing(f"the cache cannot be written: {why} (set KEXEC_PARK_CACHE)") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(target):   # another run may have built it meanwhile
            with tempfile.TemporaryDirectory(dir=cache) as work:
                new = os.path.join(work, "root")
                os.mkdir(new, 0o755)
                make(new, command, log)
                os.rename(new, target)
    return Root(target)
