# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of tests in Debian's root file system. A case is a list of steps that must all go well.

What docs/kdump.md tells an administrator to do is read from there and done.
"""

import json
import os
import re
import shlex
from dataclasses import dataclass

import elfcore
from build import OLDER
from steps import fails, judge_record, panic, prints, sh, status, step, up
from vm import Failed

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT = 480              # seconds; an emulated boot on a busy host
LOAD = 240              # a load reads and hashes the kernel and the initrd, with all else at boot

PLUGGED = 4 << 30       # where q35 has the first DIMM
BLOCK = ("/sys/devices/system/memory/memory"
         f"$(({PLUGGED} / 0x$(cat /sys/devices/system/memory/block_size_bytes)))")
CPU1 = "/sys/devices/system/cpu/cpu1/online"

PARKED = dict(state="intact", expected=1, arrived=1, verdict="all", digest="match")


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    steps: tuple
    needs: tuple = ()              # what the kit may lack
    seconds: int = 1800            # the whole guest may take


def documented(heading, number):
    """The @number-th block of commands under a heading of docs/kdump.md."""
    with open(os.path.join(HERE, "../../docs/kdump.md"), encoding="utf-8") as f:
        section = re.search(rf"^#+ {heading}\n(.*?)(?=^#)", f.read() + "\n#", re.M | re.S)[1]
    return re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)[number].strip()


def administrator(heading, number):
    """Do what docs/kdump.md says."""
    return sh("; ".join(["set -e", *documented(heading, number).splitlines()]))


def append(path, text):
    """The lines of @text to a file."""
    return sh(f"printf '%s\\n' {shlex.join(text.splitlines())} >> {path}")


def console(pattern, timeout):
    def act(scene):
        scene.guest.wait(f"{pattern!r} on the console",
                         lambda: re.search(pattern, scene.guest.console()), timeout)
    return step(f"console says {pattern}", act)


def leave(command):
    """No answer comes to @command: the next kernel greets."""
    return step(command, lambda scene: scene.guest.send(command))


def idle():
    """Every event that happened has been dealt with, and no job of kdump.service is left."""
    return (f"udevadm settle; for i in $(seq {LOAD}); do "
            "systemctl list-jobs --no-legend | grep -qE 'kdump|kexec-park' || break; sleep 1; "
            "done; systemctl is-active kdump.service")


def reloads(scene, since):
    """How often kdump.service began to reload since then, a time in seconds of the guest's."""
    return int(scene.sh("journalctl --sync; journalctl -q -u kdump.service "
                        f"--since=@{since} | grep -c Reloading || true")[0])


def reloaded_after(command, least=1, most=1):
    """kdump.service loads anew because of @command, from @least to @most times."""
    def act(scene):
        since = scene.sh("sleep 1; date +%s.%N")[0]
        scene.sh(command, LOAD)
        scene.sh(idle(), LOAD + 60)
        found = reloads(scene, since)
        if not least <= found <= most:
            raise Failed(f"{found} reloads, not {least} to {most}")
        scene.sh("kexec-park-kdump status")
    return step(f"reload after {command}", act)


def reloaded_although(begin, state, command):
    """An event while kdump.service is in @state because of @begin is not lost."""
    def act(scene):
        said = scene.sh(
            f"state() {{ systemctl show -P ActiveState kdump.service; }}; {begin}; "
            f"for i in $(seq 200); do [ $(state) != {state} ] || break; done; date +%s.%N; "
            f"{command}; state", 120)
        if said[-1] != state:
            raise Failed(f"no longer {state} but {said[-1]}: this shows nothing")
        scene.sh(idle(), LOAD + 60)
        if not reloads(scene, said[-2]):
            raise Failed(f"{command} while {state} was not followed by a reload")
    return step(f"reload after {command} while {state}", act)


def wait_until(condition):
    return f"for i in $(seq 60); do {condition} && break; sleep 1; done; {condition}"


def plug_memory():
    def act(scene):
        scene.guest.plug_memory(256)
        scene.sh(wait_until(f"[ -d {BLOCK} ]"), LOAD)
    return step("a DIMM is plugged in", act)


def unplug_memory():
    """The guest takes it off line, and gives it back."""
    def act(scene):
        scene.guest.unplug_memory()
        scene.sh(wait_until(f"[ ! -d {BLOCK} ]"), LOAD)
        scene.sh(idle(), LOAD + 60)
    return step("the DIMM is unplugged", act)


def loaded_headers(phys, there):
    """The elfcorehdr of the loaded crash kernel, read from outside, has the memory at @phys or
    not. It is where a plan made now would place it: its size in pages does not change."""
    def act(scene):
        plan = "\n".join(scene.sh("kexec-park-kdump test", LOAD))
        at = int(re.search(r"\belfcorehdr=(0x[0-9a-f]+)", plan)[1], 16)
        core = elfcore.parse(scene.guest.memory(at, 4096))
        if (core.offset_of(phys) is not None) != there:
            raise Failed(f"{phys:#x} is {'not ' if there else ''}in the elfcorehdr at {at:#x}")
    return step(f"memory at {phys:#x} {'' if there else 'not '}in the dump to come", act)


def recorded_on_the_console(**expected):
    """By a script in an initramfs: see initramfs.py."""
    def act(scene):
        found = scene.guest.wait("record on the console", lambda: re.search(
            r"record: (\{.*\})\s*$", scene.guest.console(), re.M), BOOT)
        judge_record(json.loads(found[1]), expected)
    return step("flight record on the console", act)


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
CRASH_LOADED = ("{ cat /sys/kernel/kexec/crash_loaded 2>/dev/null || "
                "cat /sys/kernel/kexec_crash_loaded; }")
LOADED = f"[ $({CRASH_LOADED}) = 1 ]"
UNLOADED = f"[ $({CRASH_LOADED}) = 0 ]"


def install(folder):
    return sh("export DEBIAN_FRONTEND=noninteractive; " + INSTALL.format(folder, folder), 900)


KERNEL = "/boot/vmlinuz-$(uname -r) --initrd=/boot/initrd.img-$(uname -r)"

# Only in the crash kernel, and then in vain.
ABSENT = """[Unit]
ConditionPathExists=/proc/vmcore
Before=local-fs.target
[Mount]
What=/no/such/folder
Where=/absent
Type=none
Options=bind"""


def boot_with(crashkernel):
    """Boot the same system by kexec, with nothing else about a crash kernel on the command line."""
    return (sh('kexec-park -l --command-line="$(sed "s/ crashkernel=[^ ]*//" /proc/cmdline) '
               f'{crashkernel}" {KERNEL}', LOAD),
            leave("systemctl kexec"), up("normal", BOOT + LOAD))


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
    Case("kdump-service", "kdump.service: loads, unloads, reloads when CPUs and memory come and "
         "go, a panic, a dump with the flight record, and loaded again at the next boot",
         INSTALLED + (
             sh("systemctl enable --now kdump.service", LOAD),
             prints("kexec-park-kdump status", r"^crash kernel: loaded$"),
             sh("systemctl stop kdump.service"),
             prints(CRASH_LOADED, r"^0$"),
             sh("systemctl start kdump.service", LOAD),
             reloaded_after(f"echo 0 > {CPU1}"),
             reloaded_after(f"echo 1 > {CPU1}"),
             reloaded_after("for i in 0 1 0 1 0 1 0 1 0 1; do echo $i > %s; done" % CPU1, most=9),
             reloaded_after("udevadm trigger -c add -s cpu -s memory", least=0, most=0),
             reloaded_although("systemctl --no-block reload kdump.service", "reloading",
                               f"echo 0 > {CPU1}"),
             reloaded_although("systemctl stop kdump.service; "
                               "systemctl --no-block start kdump.service", "activating",
                               f"echo 1 > {CPU1}"),
             loaded_headers(PLUGGED, there=False),
             plug_memory(),
             loaded_headers(PLUGGED, there=False),
             reloaded_after(f"echo online_movable > {BLOCK}/state"),
             loaded_headers(PLUGGED, there=True),
             unplug_memory(),
             loaded_headers(PLUGGED, there=False),
             panic(), console(r"kexec-park-save: saved /var/crash", BOOT),
             up("normal", BOOT + LOAD),
             the_dump(["vmcore", "dmesg.txt", "kexec-park.json", "kexec-park.txt"],
                      "ln -s $PWD/vmcore /tmp/core"),
             the_record(**PARKED, type="crash"),
             prints("kexec-park-kdump status", r"^crash kernel: loaded$"))),
    Case("kdump-trouble", "in the crash kernel a file system is missing, the disk is full, "
         "makedumpfile hangs: it reboots all the same, and no file that is not whole is a vmcore",
         INSTALLED + (
             sh("truncate -s 6M /small.img && mke2fs -q -t ext4 /small.img && mkdir /small"),
             append("/etc/fstab", "/small.img /small ext4 loop 0 0"),
             append("/etc/systemd/system/absent.mount", ABSENT),
             sh("systemctl add-requires local-fs.target absent.mount && systemctl daemon-reload"),
             append("/etc/kexec-park.conf", "KDUMP_SAVE_DIR=/small"),
             sh("systemctl enable --now kdump.service && sync", LOAD),
             panic(), console(r"the dump is not whole: /small", BOOT), up("normal", BOOT + LOAD),
             prints("cd /small/2* && echo *",
                    r"^dmesg.txt kexec-park.json kexec-park.txt vmcore.incomplete$"),
             sh("sed -i /KDUMP_SAVE_DIR/d /etc/kexec-park.conf"),
             sh("rm /usr/bin/makedumpfile"),
             append("/usr/bin/makedumpfile", "#!/bin/sh\nexec sleep infinity"),
             sh("chmod +x /usr/bin/makedumpfile"),
             sh("mkdir /etc/systemd/system/kexec-park-save.service.d"),
             append("/etc/systemd/system/kexec-park-save.service.d/soon.conf",
                    "[Service]\nTimeoutStartSec=20"),
             sh("sync"),
             panic(), up("normal", BOOT + LOAD),
             prints("cd /var/crash/2* && echo *", r"^kexec-park.json kexec-park.txt$"))),
    Case("kdump-boot", "kdump.service at boot: skipped without crashkernel=; where nothing could "
         "be reserved it fails, says why, and the boot goes on",
         INSTALLED + (
             sh("systemctl enable kdump.service"),
             *boot_with(""),
             prints("systemctl show kdump.service", r"^ActiveState=inactive$"),
             prints("systemctl show kdump.service", r"^ConditionResult=no$"),
             prints("systemctl list-units --failed --no-legend | wc -l", r"^0$"),
             prints(CRASH_LOADED, r"^0$"),
             *boot_with("crashkernel=64G"),
             prints("systemctl show kdump.service", r"^ActiveState=failed$"),
             prints("systemctl show kdump.service", r"^ExecMainStatus=5$"),
             prints("systemctl show kdump.service", r"^NRestarts=0$"),
             prints("journalctl -u kdump.service", r"no memory is reserved for a crash kernel"),
             prints("systemctl is-active multi-user.target", r"^active$"))),
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
             sh("systemd-analyze verify --man=no kdump.service kexec-park-reload.service "
                "kexec-park-save.service kexec-park-record.service", 120),
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
    *(Case(tool, f"an initramfs by {tool} with what we ship for it shows the flight record",
           INSTALLED + (
               sh(f"kexec-park -p /boot/vmlinuz-$(uname -r) --initrd=/kit/initrd.{tool} "
                  "--park-page --append='console=ttyS0 panic=10 nr_cpus=1 reset_devices "
                  "root=/dev/vda'", LOAD),
               panic(), recorded_on_the_console(**PARKED, type="crash")),
           needs=(tool,))
      for tool in ("initramfs-tools", "dracut")),
)
