# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images that the tools of distributions make with our hook or module, as they do it: in Debian's
root file system, with kexec-park installed. A script of ours in each shows the flight record."""

import os
import shutil
import tempfile

from kit import Missing
from root import run_logged

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = "virtio_pci virtio_blk ext4"      # as root/before-packages says to initramfs-tools
IMAGE = "/image"

# Where the script goes, and what makes an image.
TOOLS = {
    "initramfs-tools": ("etc/initramfs-tools/scripts/init-premount/show-record",
                        ["mkinitramfs", "-o", IMAGE]),
    "dracut": ("show/lib/dracut/hooks/pre-trigger/50-show-record.sh",
               ["dracut", "--no-hostonly", "--drivers", MODULES, "--add", "kexec-park",
                "--include", "/show", "/", IMAGE]),
}

# In namespaces of its own: nothing stays mounted.
CHROOT = ["unshare", "--mount", "--pid", "--fork", "sh", "-euc",
          'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; exec chroot "$@"', "sh"]


def make_image(tree, tool, target, log):
    place, command = TOOLS[tool]
    os.makedirs(os.path.dirname(os.path.join(tree, place)), exist_ok=True)
    shutil.copy2(os.path.join(HERE, "initramfs", tool), os.path.join(tree, place))
    version, = os.listdir(os.path.join(tree, "lib/modules"))
    run_logged([*CHROOT, tree, *command, version], log)
    shutil.move(tree + IMAGE, target)


def make(names, debian, kit, log):
    """@names of TOOLS, as kit/initrd.NAME, with what kit/stage has."""
    if os.geteuid() != 0:
        raise Missing("to run a distribution's tools in its root file system takes root")
    with tempfile.TemporaryDirectory(dir=os.path.dirname(log)) as work:
        tree = os.path.join(work, "tree")
        os.mkdir(tree)
        debian.unpack(tree, log)
        run_logged(["cp", "-a", "--no-preserve=ownership", f"{kit}/stage/.", tree], log)
        run_logged([*CHROOT, tree, "ldconfig"], log)
        for name in names:
            make_image(tree, name, os.path.join(kit, f"initrd.{name}"), f"{log}.{name}")
