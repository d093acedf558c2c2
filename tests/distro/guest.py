# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest that runs Debian from a disk, and may reboot."""

import glob
import os
import shutil

import initramfs
import vm
from kit import Missing


class Machine:
    """As vm.Guest wants it. What is written to the disk is thrown away with the guest.

    A plain CPU has few features for udev to load drivers for, and without mitigations a system
    call does not flush the emulator's translations: a boot takes a fraction of the time.
    """
    cpu = "qemu64,svm=off"
    uefi = smm = False
    disk = False    # of vm.Guest: the one here is of our own
    devices = ()

    def __init__(self, cpus=2, mib=1024, args="crashkernel=256M"):
        self.cpus, self.mib = cpus, mib
        self.cmdline = ("root=/dev/vda rw console=ttyS0 loglevel=4 panic=-1 "
                        f"systemd.show_status=error cryptomgr.notests mitigations=off "
                        f"audit=0 {args}")


class Kit:
    """The folder that the guest sees as /kit: what `make install` installs, the command channel,
    packages, and images for crash kernels. Beside it, what QEMU boots."""

    def __init__(self, folder, root, channel):
        self.root, self.disk = folder, root.disk
        self.missing = {}   # what a case may need: why it is not there
        self._boots = {"vmlinuz.old": root.kernel, "initrd": root.initrd}
        shutil.copy2(channel, folder)

    def path(self, name):
        return self._boots[name]

    def add_packages(self, built):
        """Those that tests/packages/run left in its folder: debs/ and older/."""
        for name in ("debs", "older"):
            target = os.path.join(self.root, name)
            shutil.rmtree(target, ignore_errors=True)
            os.makedirs(target)
            for path in glob.glob(os.path.join(built, name, "*.deb")):
                shutil.copy2(path, target)
            if not os.listdir(target):
                self.missing["packages"] = "no packages were built: tests/packages/run does that"

    def add_images(self, needs, root, log):
        """Those of initramfs.py that are among the needs, as initrd.NAME."""
        wanted = sorted(needs & set(initramfs.TOOLS))
        try:
            if wanted:
                initramfs.make(wanted, root, self.root, log)
        except Missing as why:
            self.missing.update(dict.fromkeys(wanted, str(why)))


class Guest(vm.Guest):
    def _command(self, kit, machine):
        """A reset boots the machine again: that is how a crash kernel ends."""
        command = super()._command(kit, machine)
        command.remove("-no-reboot")
        command[command.index("-m") + 1] += ",slots=1,maxmem=2G"
        return command + ["-drive", f"file={kit.disk},if=virtio,format=raw,snapshot=on,"
                                    "cache=unsafe"]

    def plug_memory(self, mib):
        """A DIMM into the slot."""
        self.qmp("object-add", **{"qom-type": "memory-backend-ram", "id": "memory",
                                  "size": mib << 20})
        self.qmp("device_add", driver="pc-dimm", id="dimm", memdev="memory")

    def unplug_memory(self):
        """Ask the guest for it: it may say no."""
        self.qmp("device_del", id="dimm")
