# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest that runs Debian from a disk, and may reboot."""

import glob
import os
import shutil

import vm


class Machine:
    """As vm.Guest wants it. What is written to the disk is thrown away with the guest.

    A plain CPU has few features for udev to load drivers for, and without mitigations a system
    call does not flush the emulator's translations: a boot takes a fraction of the time.
    """
    cpu = "qemu64,svm=off"
    uefi = False
    disk = False    # of vm.Guest: the one here is of our own

    def __init__(self, cpus=2, mib=1024, args="crashkernel=256M"):
        self.cpus, self.mib = cpus, mib
        self.cmdline = ("root=/dev/vda rw console=ttyS0 loglevel=4 panic=-1 "
                        f"systemd.show_status=error cryptomgr.notests mitigations=off "
                        f"audit=0 {args}")


class Kit:
    """The folder that the guest sees as /kit: what `make install` installs, and the command
    channel. Beside it, what QEMU boots."""

    def __init__(self, folder, root, channel):
        self.root, self.disk = folder, root.disk
        self.missing = {}   # what a case may need: why it is not there
        self._boots = {"vmlinuz": root.kernel, "initrd": root.initrd}
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


class Guest(vm.Guest):
    def _command(self, kit, machine):
        """A reset boots the machine again: that is how a crash kernel ends."""
        command = super()._command(kit, machine)
        command.remove("-no-reboot")
        return command + ["-drive", f"file={kit.disk},if=virtio,format=raw,snapshot=on,"
                                    "cache=unsafe"]
