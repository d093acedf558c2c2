# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of tests in Debian's root file system. A case is a list of steps that must all go well.

What docs/kdump.md tells an administrator to do is read from there and done.
"""

import json
import os
import re
import shlex
from dataclasses import dataclass

from build import OLDER
from steps import fails, judge_record, panic, prints, sh, status, step, up
from vm import Failed

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT = 240              # seconds; an emulated boot on a busy host
LOAD = 240              # a load reads and hashes the kernel and the initrd, with all else at boot

PARKED = dict(state="intact", expected=1, arrived=1, verdict="all", digest="match")


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    steps: tuple
    needs: tuple = ()              # what the kit may lack
    seconds: int = 900             # the whole guest may take


def documented(heading, number):
    """The @number-th block of commands under a heading of docs/kdump.md."""
    with open(os.path.join(HERE, "../../docs/kdump.md"), encoding="utf-8") as f:
        section = re.search(rf"^#+ {heading}\n(.*?)(?=^#)", f.read() + "\n#", re.M | re.S)[1]
    return re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)[number].strip()


def administrator(heading, number):
    """Do what docs/kdump.md says."""
    return sh("; ".join(["set -e", *documented(heading, number).splitlines()]))


def append(path, text):
    return sh(f"echo {shlex.quote(text)} >> {path}")


def console(pattern, timeout):
    def act(scene):
        scene.guest.wait(f"{pattern!r} on the console",
                         lambda: re.search(pattern, scene.guest.console()), timeout)
    return step(f"console says {pattern}", act)


def leave(command):
    """No answer comes to @command: the next kernel greets."""
    return step(command, lambda scene: scene.guest.send(command))


def reloaded_after(command, timeout=LOAD):
    """kdump.service loads once more because of @command, and is done with it."""
    stamp = "stat -c %y /run/kexec-park/kdump"

    def act(scene):
        before = shlex.quote(scene.sh(stamp)[0])
        scene.sh(command)
        scene.sh(f"for i in $(seq {timeout}); do [ \"$({stamp})\" = {before} ] || break;"
                 f" sleep 1; done; [ \"$({stamp})\" != {before} ]", timeout + 30)
        scene.sh("systemctl is-active kdump.service")
    return step(f"reload after {command}", act)


def the_dump(names, core):
    """One folder in /var/crash, with exactly @names, the panic in them, and in the vmcore that
    @core makes /tmp/core of. DATE in names is the folder's."""
    def act(scene):
        folders = scene.sh("ls -1d /var/crash/*/")
        if len(folders) != 1:
            raise Failed(f"{len(folders)} dumps: {folders}")
        folder = folders[0].rstrip("/")
        wanted = sorted(name.replace("DATE", os.path.basename(folder)) for name in names)
        found = sorted(scene.sh(f"ls -1 {folder}"))
        if found != wanted:
            raise Failed(f"{folder} has {found}, not {wanted}")
        scene.sh(f"cd {folder} && grep -q 'sysrq triggered crash' dmesg.*")
        scene.sh(f"cd {folder} && rm -f /tmp/core /tmp/dmesg && {core} && "
                 "makedumpfile --dump-dmesg /tmp/core /tmp/dmesg && "
                 "grep -q 'sysrq triggered crash' /tmp/dmesg", 120)
        scene.notes["dump"] = folder
    return step("the dump", act)


def the_record(**expected):
    """The flight record beside the dump is as judge_record() wants it."""
    def act(scene):
        folder = scene.notes["dump"]
        scene.sh(f"grep -q 'last hand-over: into a crash kernel' {folder}/kexec-park.txt")
        judge_record(json.loads("\n".join(scene.sh(f"cat {folder}/kexec-park.json"))), expected)
    return step("flight record beside the dump", act)


# Steps of more than one case.

BOOTED = (up("normal", BOOT),)
INSTALLED = BOOTED + (
    # As dpkg does, or the crash kernel finds files that were not written yet.
    sh("cp -a --no-preserve=ownership /kit/stage/. / && ldconfig && sync", 120),
    sh("systemctl daemon-reload && udevadm control --reload", 60))

# Every file but those of mounted kernel interfaces, of caches and logs, and of dpkg's own books.
LIST_FILES = ("find / -xdev -not -path '/run/*' -not -path '/tmp/*' -not -path '/var/log/*' "
              "-not -path '/var/lib/dpkg/*' -not -path '/var/cache/*' -not -path '/boot/*' "
              "-not -path '/var/lib/kdump/*' -not -path '/var/lib/systemd/*' -printf '%p %y\\n' "
              "| sort > ")
INSTALL = "dpkg --force-confdef --force-confold -i {}/libkexec0_* {}/kexec-park*"
LOADED = "[ $(cat /sys/kernel/kexec_crash_loaded) = 1 ]"
UNLOADED = "[ $(cat /sys/kernel/kexec_crash_loaded) = 0 ]"


def install(folder):
    return sh("export DEBIAN_FRONTEND=noninteractive; " + INSTALL.format(folder, folder), 900)


KERNEL = "/boot/vmlinuz-$(uname -r) --initrd=/boot/initrd.img-$(uname -r)"

CASES = (
    Case("kdump-tools", "Debian's kdump-tools with kexec-park in the place of kexec: a panic, a "
         "dump with the flight record, and loaded again at the next boot",
         INSTALLED + (
             administrator("Debian: kdump-tools", 0),
             append("/etc/default/kdump-tools", documented("Debian: kdump-tools", 1)),
             sh("sed -i s/^USE_KDUMP=0/USE_KDUMP=1/ /etc/default/kdump-tools"),
             sh("kdump-config reload", LOAD),
             prints("kdump-config show", r"ready to kdump"),
             prints("kdump-config show", r"/sbin/kexec -p --park-page=try --command-line"),
             panic(), console(r"saved vmcore in /var/crash", BOOT), up("normal", BOOT + LOAD),
             # Debian's dump is flattened.
             the_dump(["dump.DATE", "dmesg.DATE", "kexec-park.json", "kexec-park.txt"],
                      "makedumpfile -R /tmp/core < dump.*"),
             the_record(**PARKED, type="crash"),
             prints("kdump-config show", r"ready to kdump"))),
    Case("kdump-service", "kdump.service: reloads when CPUs go and come, a panic, a dump with the "
         "flight record, and loaded again at the next boot",
         INSTALLED + (
             sh("systemctl enable --now kdump.service", LOAD),
             prints("kexec-park-kdump status", r"^crash kernel: loaded$"),
             reloaded_after("echo 0 > /sys/devices/system/cpu/cpu1/online"),
             reloaded_after("echo 1 > /sys/devices/system/cpu/cpu1/online"),
             panic(), console(r"kexec-park-save: saved /var/crash", BOOT),
             up("normal", BOOT + LOAD),
             the_dump(["vmcore", "dmesg.txt", "kexec-park.json", "kexec-park.txt"],
                      "ln -s $PWD/vmcore /tmp/core"),
             the_record(**PARKED, type="crash"),
             prints("kexec-park-kdump status", r"^crash kernel: loaded$"))),
    Case("systemctl-kexec", "systemctl kexec boots what kexec-park loaded, through the park page",
         INSTALLED + (
             sh("kexec-park -l --park-page --reuse-cmdline --append=by-kexec-park " + KERNEL, LOAD),
             sh("touch /run/this-boot"),
             leave("systemctl kexec"), up("normal", BOOT),
             sh("[ ! -e /run/this-boot ]"),
             prints("cat /proc/cmdline", r"\bby-kexec-park\b"),
             prints("nproc", r"^2$"),
             status(**PARKED, type="normal", generation=1))),
    Case("packages", "the Debian packages: installed, used, upgraded under a loaded crash kernel, "
         "removed, purged without a trace",
         BOOTED + (
             sh(LIST_FILES + "/tmp/before"),
             install("/kit/older"),
             prints("dpkg-query -W kexec-park-kdump", OLDER),
             prints("kexec-park --version", r"^kexec-park "),
             # Installing loads nothing; the initramfs has the flight recorder.
             fails("systemctl is-enabled kdump.service", r"disabled"), sh(UNLOADED),
             prints("lsinitramfs /boot/initrd.img-$(uname -r)", r"usr/sbin/kexec-park$", 120),
             sh("systemd-analyze verify --man=no kdump.service kexec-park-save.service "
                "kexec-park-record.service", 120),
             sh("systemctl enable --now kdump.service", LOAD), sh(LOADED),
             append("/etc/kexec-park.conf", 'KDUMP_OPTIONS="--on-mismatch=halt"'),
             install("/kit/debs"),
             # The new version, the old settings, and never a moment without a crash kernel.
             fails("dpkg-query -W kexec-park-kdump | grep " + OLDER, ""), sh(LOADED),
             prints("cat /etc/kexec-park.conf", r"^KDUMP_OPTIONS="),
             prints("cat /etc/kexec-park.conf", OLDER),
             sh("systemctl is-enabled kdump.service && systemctl is-active kdump.service"),
             sh("systemctl reload kdump.service", LOAD), sh(LOADED),
             sh("dpkg -r kexec-park-kdump kexec-park libkexec0", 900), sh(UNLOADED),
             sh(LIST_FILES + "/tmp/removed"),
             # What the administrator made of it stays until it is purged.
             prints("comm -13 /tmp/before /tmp/removed",
                    r"\A/etc/kexec-park\.conf f\n/etc/kexec-park\.conf\.dpkg-dist f\n"
                    r"/etc/systemd/system/basic\.target\.wants/kdump\.service l\Z"),
             sh("dpkg -P kexec-park-kdump kexec-park libkexec0", 900),
             sh(LIST_FILES + "/tmp/after; cmp /tmp/before /tmp/after || "
                "{ diff /tmp/before /tmp/after; false; }")),
         needs=("packages",), seconds=2400),
)
