# SPDX-License-Identifier: LGPL-2.1-or-later
"""The vocabulary of cases.py. Each function returns a step: a callable on a Scene, with a name."""

import json
import re
import threading
import time

import elfcore
from kit import bzimage_release
from vm import PATIENCE, Broken, Died, Failed, Refused

STOCK = "stock"
PARK = "kexec-park"

# Of every kernel: console to the log, a panic without a crash kernel ends the machine at once,
# /dev/mem lets the guest write to its local APIC, and a busy host's late timer is no broken one. Linux
# 5.10 would idle by MWAIT, which QEMU emulates by spinning.
COMMON = "console=ttyS0 panic=-1 iomem=relaxed no_timer_check idle=halt"
CRASH = "nr_cpus=1 reset_devices"


class Scene:
    """A guest, the tool that is on trial in it, and what earlier steps remembered."""

    def __init__(self, guest, tool):
        self.guest = guest
        self.tool = tool
        self.notes = {}

    def sh(self, command, timeout=60):
        status, output = self.guest.run(command, timeout)
        if status != 0:
            raise Failed(f"status {status} of: {command}: {' / '.join(output[-4:])}")
        return output


def step(name, action):
    action.name = name
    return action


def only(tool, *steps):
    """Steps that make sense for one tool alone."""
    def act(scene):
        if scene.tool == tool:
            for each in steps:
                each(scene)
    return step(f"{steps[0].name} ({tool})", act)


# Commands in the guest.

def sh(command, timeout=60):
    return step(command, lambda scene: scene.sh(command, timeout))


def fails(command, says):
    """The command must fail with one line on stderr that matches @says."""
    def act(scene):
        status, output = scene.guest.run(f"{command} 2>&1", 60)
        if status == 0 or not re.search(says, "\n".join(output)):
            raise Failed(f"status {status}, output: {' / '.join(output[-4:])}")
    return step(f"{command} fails", act)


def prints(command, pattern, timeout=60):
    def act(scene):
        output = "\n".join(scene.sh(command, timeout))
        if not re.search(pattern, output, re.MULTILINE):
            raise Failed(f"{command} printed no {pattern!r}: {output[-300:]}")
    return step(f"{command} prints {pattern}", act)


def load(args="", slot="-l", image="vmlinuz", initrd="initrd", park=True, tool=None, extra=""):
    """Load a kernel with the tool on trial, or with @tool."""
    def act(scene):
        name = tool or scene.tool
        command = "kexec -c" if name == STOCK else "kexec-park --console-serial"
        if name == PARK and park:
            command += " --park-page"
        if name == STOCK and image == "vmlinux":
            command += " --args-linux"
        scene.sh(f"{command} {slot} {extra} /kit/{image} --initrd=/kit/{initrd} "
                 f"--command-line='{COMMON} {args}'", 90)
    return step(f"load {image} {slot} {args}", act)


def load_crash(args=CRASH, **more):
    return load(args, slot="-p", **more)


def leave(tool=None):
    """kexec -e: no answer comes, the next kernel greets."""
    def act(scene):
        name = tool or scene.tool
        scene.guest.send("kexec -e" if name == STOCK else "kexec-park -e")
    return step("leave", act)


def force(args=""):
    """kexec-park -f: loaded and left for at once."""
    def act(scene):
        scene.guest.send("kexec-park --console-serial -f -x -y /kit/vmlinuz --initrd=/kit/initrd "
                         f"--append='{COMMON} {args}'")
    return step("load and leave", act)


def panic(cpu=0):
    def act(scene):
        scene.guest.boot_cpu = cpu
        scene.guest.send(f"taskset {1 << cpu:x} sh -c 'echo c > /proc/sysrq-trigger'")
        scene.guest.wait("panic on the console", lambda: (
            "Kernel panic" in scene.guest.console()
            or "Trigger a crash" in scene.guest.console()) or None, 20)
    return step(f"panic on CPU {cpu}", act)


def up(kind="normal", timeout=90):
    def act(scene):
        came = scene.guest.up(timeout)
        if came != kind:
            raise Failed(f"a {came} kernel came up, not a {kind} one")
    return step(f"{kind} kernel up", act)


# Attacks from outside of the guest.

def in_purgatory():
    """Wait until a CPU is in the purgatory, and stays there: the digest is under way."""
    def act(scene):
        deadline = time.monotonic() + 60 * PATIENCE
        while time.monotonic() < deadline:
            scene.guest.alive("the purgatory")
            cpu = scene.guest.cpu_in_purgatory()
            if cpu is not None:
                time.sleep(0.2)
                if scene.guest.cpu_in_purgatory() == cpu:
                    scene.guest.boot_cpu = cpu
                    return
            time.sleep(0.01)
        raise Failed("no CPU was seen in the purgatory for 60 s")
    return step("purgatory under way", act)


def nmi(count=1):
    def act(scene):
        for _ in range(count):
            scene.guest.nmi()
            time.sleep(0.02)
    return step(f"{count} NMI", act)


def mce(count=1, broadcast=False, gap=0.1, cpu=None):
    """Machine checks with QEMU's @cpu as their source, or that of the running kernel. The gap lets
    every CPU finish one before the next: two at a time are fatal by the hardware's rule."""
    def act(scene):
        for _ in range(count):
            scene.guest.mce(scene.guest.boot_cpu if cpu is None else cpu, broadcast)
            time.sleep(gap)
        time.sleep(0.3)
        scene.guest.alive("the end of the storm")
    return step(f"{count} {'broadcast ' if broadcast else ''}#MC", act)


# An e1000e (82574: device 0x10d3) that Linux has no driver for in the guest: memory and bus master
# on, its MSI an NMI to all CPUs (SDM volume 3, "Message Signalled Interrupts": destination 0xff, delivery
# mode 4), and only a change of the link raises it. Linux forgets the device, so that leaving does not
# take the bus from it. Its MSI capability is at 0xd0, the interrupt mask at 0xd0 of its memory.
ARM_NIC = r"""
d=$(grep -l 0x10d3 /sys/bus/pci/devices/*/device); d=${d%/device};
put() { printf "$2" | dd of=$d/config bs=1 seek=$(($1)) conv=notrunc 2>/dev/null; };
put 0x04 '\006\004' && put 0xd4 '\000\360\357\376\000\000\000\000\000\004' && put 0xd2 '\001\000' &&
devmem $(($(cut -d' ' -f1 $d/resource | head -n 1) + 0xd0)) 32 4 && echo 1 > $d/remove
"""


def arm_nic():
    """A device that sends one NMI to all CPUs when the host pulls its cable."""
    return sh(" ".join(ARM_NIC.split("\n")))


def nmi_by_nic():
    def act(scene):
        scene.guest.alive("an NMI to all CPUs")
        scene.guest.qmp("set_link", name="nic", up=False)
        scene.guest.nmis += 1
        time.sleep(0.3)
        scene.guest.alive("the end of it")
    return step("one NMI to all CPUs", act)


def add_cpu(number):
    """Plug in the first CPU that the machine may have and has not, which Linux gives this number."""
    def act(scene):
        free = [cpu for cpu in scene.guest.qmp("query-hotpluggable-cpus") if "qom-path" not in cpu]
        scene.guest.qmp("device_add", driver=free[-1]["type"], id="added", **free[-1]["props"])
        file = f"/sys/devices/system/cpu/cpu{number}/online"
        scene.sh(f"for n in $(seq 100); do test -e {file} && break; sleep 0.1; done; "
                 f"echo 1 > {file}")
    return step(f"CPU {number} plugged in", act)


def flooded(inner, per_second=500):
    """@inner, under NMIs from the NMI line all the while."""
    def act(scene):
        stop, refused = threading.Event(), []

        def flood():
            try:
                while not stop.wait(1 / per_second):
                    scene.guest.nmi()
            except Refused as why:
                refused.append(why)
            except (Broken, Died, Failed):
                pass
        thread = threading.Thread(target=flood)
        thread.start()
        try:
            inner(scene)
        finally:
            stop.set()
            thread.join()
        if refused:
            raise refused[0]
    return step(f"{inner.name} under an NMI flood", act)


# NMI to all but oneself, asserted (SDM volume 3, "Interrupt Command Register"), by the register of
# an xAPIC, and by MSR 0x830 of an x2APIC.
NMI_OTHERS = {
    False: "taskset 1 devmem 0xfee00300 32 0xc4400",
    True: r"printf '\000\104\014\000\000\000\000\000' | "
          "dd of=/dev/cpu/0/msr bs=8 seek=$((0x830)) oflag=seek_bytes status=none",
}


def nmi_ipis(count=20, x2apic=False):
    """NMI IPIs to every other CPU. Only the running CPU of the new kernel lives to see them."""
    def act(scene):
        for _ in range(count):
            scene.guest.nmis += 1
            scene.sh(NMI_OTHERS[x2apic])
        time.sleep(0.3)
        scene.guest.alive("the end of the NMI IPIs")
    return step(f"{count} NMI IPIs to the other CPUs", act)


def smis(count=20):
    """SMIs to every CPU, by the chipset's port 0xb2 (Intel ICH9 data sheet, APM_CNT)."""
    def act(scene):
        scene.sh(f"for n in $(seq {count}); do printf '\\000' | "
                 "dd of=/dev/port bs=1 seek=178 conv=notrunc 2>/dev/null || exit 1; done")
        time.sleep(0.3)
        scene.guest.alive("the end of the SMIs")
    return step(f"{count} SMIs", act)


def fill_memory(mib):
    """Use memory, as any workload does: what a former kernel left behind is overwritten."""
    return sh(f"dd if=/dev/zero of=/tmp/fill bs=1M count={mib} && rm /tmp/fill", 180)


# Looking.

def says(pattern):
    """The serial console shows @pattern by now."""
    def act(scene):
        if not re.search(pattern, scene.guest.console()):
            raise Failed(f"the console does not show {pattern!r}")
    return step(f"console says {pattern}", act)


def all_online(cpus):
    return prints("nproc", rf"^{cpus}$")


def judge_record(found, expected):
    """What --park-status --json printed has these values. A callable judges the value instead."""
    for key, want in expected.items():
        have = found.get(key, found.get("handover", {}).get(key))
        good = want(have) if callable(want) else have == want
        if not good:
            raise Failed(f"--park-status: {key} is {have!r}, in {json.dumps(found)}")


def status(**expected):
    """The page and its record, by kexec-park, are as judge_record() wants them."""
    def act(scene):
        found = json.loads("\n".join(scene.sh("kexec-park --park-status --json")))
        judge_record(found, expected)
        scene.notes["status"] = found
    return step("park status", act)


def same_page():
    """The page is where it was at the last same_page()."""
    def act(scene):
        found = json.loads("\n".join(scene.sh("kexec-park --park-status --json")))
        was = scene.notes.setdefault("page", found["address"])
        if found["address"] != was:
            raise Failed(f"the page moved from {was} to {found['address']}")
    return step("same page", act)


def others_parked(count):
    """Seen from outside: @count CPUs in HLT, unpaged, with CR4.MCE set."""
    def act(scene):
        parked = [cpu for cpu in scene.guest.registers()
                  if cpu["halted"] and not cpu["cr0"] & (1 << 31) and cpu["cr4"] & 0x40]
        if len(parked) != count:
            raise Failed(f"{len(parked)} CPUs are parked, not {count}")
    return step(f"{count} CPUs halted in the page", act)


def vmcore_tells(pattern="sysrq triggered crash"):
    """makedumpfile reads the panic out of /proc/vmcore."""
    def act(scene):
        scene.sh("makedumpfile --dump-dmesg /proc/vmcore /tmp/dmesg", 60)
        output = "\n".join(scene.sh(f"grep -c '{pattern}' /tmp/dmesg"))
        if output.strip() == "0":
            raise Failed(f"the dmesg in the vmcore shows no {pattern!r}")
    return step("vmcore has the panic", act)


def is_kernel(image):
    """The running kernel is the one of this image in the kit."""
    def act(scene):
        release = bzimage_release(scene.guest.kit.path(image))
        found = scene.sh("uname -r")
        if found != [release]:
            raise Failed(f"kernel {' '.join(found)} runs, not {release}")
    return step(f"{image} runs", act)


def kexec_loaded(slot, number):
    """As the kernel itself says, for slot "crash" or "normal"."""
    name = "crash_loaded" if slot == "crash" else "loaded"
    # One of the two names is there: which, depends on the kernel (Linux 6.19).
    return prints(f"cat /sys/kernel/kexec/{name} 2>/dev/null || cat /sys/kernel/kexec_{name}",
                  f"^{number}$")


def crash_plan(scene):
    return json.loads("\n".join(scene.sh(
        "kexec-park --park-page -p /kit/vmlinuz --initrd=/kit/initrd "
        f"--command-line='{COMMON} {CRASH}' --plan --json")))


def same_plan():
    """A crash load would go where it went at the last same_plan(): segments and park page."""
    def act(scene):
        plan = crash_plan(scene)
        was = scene.notes.setdefault("plan", plan)
        for key, value in plan.items():
            if value != was[key]:
                raise Failed(f"the plan's {key} was {was[key]} and is {value}")
    return step("same plan", act)


# KiB in use without what the kernel can drop at any time, and what waits free in lists of each
# CPU; of them slabs that cannot be dropped; open files of all processes.
IN_USE = """
sync; echo 3 > /proc/sys/vm/drop_caches;
awk '$1 == "MemTotal:" { used += $2 } $1 == "MemFree:" { used -= $2 }
     $1 == "SUnreclaim:" { slab = $2 } $1 == "count:" { used -= 4 * $2 }
     FILENAME == "/proc/sys/fs/file-nr" { files = $1 }
     END { print used, slab, files }' /proc/meminfo /proc/zoneinfo /proc/sys/fs/file-nr
"""


def memory_in_use(scene):
    used, slab, files = map(int, scene.sh(" ".join(IN_USE.split()))[-1].split())
    return {"KiB": used, "KiB of slabs": slab, "open files": files}


def note_memory():
    def act(scene):
        scene.notes["memory"] = memory_in_use(scene)
    return step("memory in use", act)


def same_memory(kib):
    """Not more in use than at note_memory(), give or take what the guest takes by itself."""
    bounds = {"KiB": kib, "KiB of slabs": kib, "open files": 32}

    def act(scene):
        for what, now in memory_in_use(scene).items():
            more = now - scene.notes["memory"][what]
            scene.guest.note(f"{more} more {what}")
            if more > bounds[what]:
                raise Failed(f"{more} more {what} in use than before, {bounds[what]} may be")
    return step(f"at most {kib} KiB more in use", act)


def note_page_bytes():
    """Read from outside the page that the crash load chose, before the purgatory gets it. On a
    BIOS machine QEMU's boot loader has left the kernel's real-mode code there."""
    def act(scene):
        page = int(crash_plan(scene)["park_page"]["address"], 16)
        before = scene.guest.memory(page, 4096)
        if len(set(before)) < 16:
            raise Failed(f"nothing to recognise in the page at {page:#x}")
        scene.notes["page bytes"] = (page, before)
    return step("bytes of the page to be", act)


def vmcore_has_page_bytes():
    """An ELF reader finds them in the vmcore, although parked CPUs use the page by now."""
    def act(scene):
        scene.sh("dd if=/proc/vmcore of=/out/headers bs=64k count=1 2>/dev/null")
        with open(f"{scene.guest.folder}/out/headers", "rb") as data:
            core = elfcore.parse(data.read())
        page, before = scene.notes["page bytes"]
        offset = core.offset_of(page)
        if offset is None:
            raise Failed(f"the vmcore has no bytes for {page:#x}")
        scene.sh(f"dd if=/proc/vmcore of=/out/page bs=4096 count=1 skip={offset}"
                 " iflag=skip_bytes 2>/dev/null")
        with open(f"{scene.guest.folder}/out/page", "rb") as data:
            if data.read() != before:
                raise Failed(f"other bytes at {page:#x} in the vmcore")
        if scene.guest.memory(page, 4096) == before:
            raise Failed("the page was never overwritten: this shows nothing")
    return step("vmcore has the page's former bytes", act)
