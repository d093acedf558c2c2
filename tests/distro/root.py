# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Debian root file system with systemd and kdump-tools: built once, by mmdebstrap, and cached.

KEXEC_PARK_CACHE names the cache (${XDG_CACHE_HOME:-/var/cache}/kexec-park), and KEXEC_PARK_MIRROR
where Debian is taken from. A root belongs to the recipe that made it: another recipe, another root.
"""

import glob
import hashlib
import os
import shutil

import debian
from debian import KEYRING, MIRROR, cache_folder, run_logged  # noqa: F401 (the first three: others')

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = "bookworm"
MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
SIZE = "3G"             # of the file system; the file is sparse

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
    """mmdebstrap's options, and the digest of all that goes into a root."""
    options = ["--variant=minbase", f"--hook-dir={MERGED_USR}", f"--include={','.join(PACKAGES)}",
               f"--essential-hook={hook('before-packages')}",
               f"--customize-hook={hook('after-packages')}",
               *(f"--dpkgopt=path-exclude={pattern}" for pattern in WITHOUT)]
    digest = hashlib.sha256(repr((SUITE, PACKAGES, WITHOUT, SIZE)).encode())
    for name in ("before-packages", "after-packages"):
        with open(hook(name), "rb") as script:
            digest.update(script.read())
    return options, digest.hexdigest()[:16]


def demand_means():
    """Missing, if a root cannot be built here."""
    debian.demand_means("the root file system", SUITE,
                        (("mmdebstrap", "mmdebstrap"), ("mke2fs", "e2fsprogs")))


def make(folder, options, log):
    """Into a new folder: the disk from a tree, with the kernel and the initrd of its /boot."""
    tree = os.path.join(folder, "tree")
    debian.make_tree(tree, SUITE, options, log)
    root = Root(folder)
    for pattern, target in (("vmlinuz-*", root.kernel), ("initrd.img-*", root.initrd)):
        path, = glob.glob(os.path.join(tree, "boot", pattern))
        shutil.copyfile(path, target)
    run_logged(["mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=0,nodiscard",
                "-d", tree, root.disk, SIZE], f"{log}.mke2fs")
    shutil.rmtree(tree)


def get(log):
    """The root, from the cache or built into it."""
    options, digest = recipe()
    return Root(debian.cached(f"{SUITE}-{digest}", demand_means,
                              lambda folder: make(folder, options, log)))
