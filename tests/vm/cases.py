# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of VM tests. A case runs once for each tool in `tools`, and says what must come of it.

`before` must go well with either tool. DIES means that the guest must reset during `attack`;
LIVES that it must not, and that `after` holds as well. The stock tool is the control: an attack
that does not kill it, where it should, proves nothing about ours.
"""

from dataclasses import dataclass
from typing import Optional

from loads import BIOS_LOADS, UEFI_LOADS, same_loads
from steps import (COMMON, PARK, STOCK, add_cpu, all_online, arm_nic, fails, fill_memory, flooded,
                   force, in_purgatory, kexec_loaded, leave, load, load_crash, mce, nmi,
                   nmi_by_nic, nmi_ipis, note_memory, note_page_bytes, only, others_parked, panic,
                   prints, same_memory, same_page, same_plan, says, sh, smis, status, up,
                   vmcore_has_page_bytes, vmcore_tells)
from vm import DEFAULT_CPU

LIVES = "lives"
DIES = "dies"
CONTROL = {STOCK: DIES, PARK: LIVES}
BOTH_LIVE = {STOCK: LIVES, PARK: LIVES}
OURS = {PARK: LIVES}


@dataclass(frozen=True)
class Machine:
    cpus: object = 4               # or QEMU's whole -smp
    mib: int = 1024
    cpu: Optional[str] = None      # of QEMU; None: vm.DEFAULT_CPU
    uefi: bool = False
    smm: bool = False              # UEFI firmware that keeps its variables behind SMIs
    disk: bool = False             # one that the BIOS boots from, and reports as drive 0x80
    args: str = "crashkernel=256M"
    devices: tuple = ()            # of QEMU, and its options

    @property
    def cmdline(self):
        return f"{COMMON} {self.args}"


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    tools: dict
    attack: tuple
    before: tuple = ()
    after: tuple = ()
    machine: Machine = Machine()
    needs: tuple = ()              # what the kit or the machine may lack
    figure: bool = False           # a row of the table that --figures prints
    seconds: int = 240             # the whole guest may take


RESERVE = "crashkernel=256M"       # for a kernel that a crash load follows in
BIG = dict(initrd="initrd-big")
# 20 IPIs to 3 CPUs. Two NMIs that come before a CPU was scheduled are one: the exact counts are
# the payload tier's.
STORM = lambda count: 20 <= count <= 60  # noqa: E731
STOCK_2_0_25 = ("kexec", "kexec-tools 2.0.25", "record-load")
NIC = ("-netdev", "hubport,id=cable,hubid=0", "-device", "e1000e,id=nic,netdev=cable")
ARRIVED = dict(state="intact", missing=lambda ids: not ids)


def chain(times):
    """Hops from kernel to kernel, each into the same page, with every CPU and one generation more."""
    return tuple(step for hop in range(1, times + 1)
                 for step in (load(), leave(), up(), same_page(),
                              status(**ARRIVED, arrived=3, generation=hop)))


def crash_loads(times):
    return (load_crash(), kexec_loaded("crash", 1), same_plan(),
            sh("kexec-park -u -p"), kexec_loaded("crash", 0)) * times


CASES = (
    # The hand-over itself.
    Case("nmi-in-digest", "one NMI while the purgatory checks the digest", CONTROL, figure=True,
         before=(up(), load(**BIG), leave(), in_purgatory()),
         attack=(nmi(), up()),
         after=(says(r"verified .* swallowed 1 NMI"), all_online(4))),
    Case("mce-in-digest", "one #MC while the purgatory checks the digest", CONTROL, figure=True,
         before=(up(), load(**BIG), leave(), in_purgatory()),
         attack=(mce(), up()),
         after=(says(r"verified .* 1 #MC"), all_online(4))),
    Case("nmi-in-crash-digest", "the same NMI on the way to a crash kernel", CONTROL, figure=True,
         before=(up(), load_crash(**BIG), panic(), in_purgatory()),
         attack=(nmi(), up("crash")),
         after=(says(r"verified .* swallowed 1 NMI"), vmcore_tells()),
         machine=Machine(args="crashkernel=448M"), needs=("makedumpfile",)),
    Case("storm-in-digest", "20 NMIs and 5 #MCs, one after the other, in one digest", CONTROL,
         figure=True,
         before=(up(), load(**BIG), leave(), in_purgatory()),
         attack=(nmi(20), mce(5), up()),
         after=(says(r"swallowed \d+ NMI 5 #MC"),)),
    Case("mce-broadcast-in-digest", "5 broadcast #MCs while the purgatory of -e checks the digest",
         CONTROL, figure=True,
         before=(up(), load(**BIG), leave(), in_purgatory()),
         attack=(mce(5, broadcast=True), up()),
         after=(says(r"parked 3 of 3"), says(r"verified .* 5 #MC"), all_online(4),
                status(**ARRIVED, arrived=3, mce_count=15))),
    Case("nmi-to-all-in-digest", "an NMI to every CPU, as a device's message, while the purgatory of -e "
         "checks the digest", CONTROL, figure=True,
         before=(up(), arm_nic(), load(**BIG), leave(), in_purgatory()),
         attack=(nmi_by_nic(), up()),
         after=(says(r"parked 3 of 3"), says(r"verified .* swallowed 1 NMI"), all_online(4),
                status(**ARRIVED, arrived=3, nmi_count=3)),
         machine=Machine(devices=NIC)),
    Case("mce-broadcast-in-crash-digest", "the same on the way to a crash kernel", CONTROL,
         figure=True,
         before=(up(), load_crash(**BIG), panic(), in_purgatory()),
         attack=(mce(5, broadcast=True), up("crash")),
         after=(says(r"verified .* 5 #MC"), status(**ARRIVED, arrived=3, mce_count=15)),
         machine=Machine(args="crashkernel=448M")),
    Case("nmi-flood-from-panic", "NMIs without a pause from the panic to the crash kernel's first "
         "process", CONTROL, figure=True,
         before=(up(), load_crash(), panic()),
         attack=(flooded(up("crash")),),
         after=(vmcore_tells(),), needs=("makedumpfile",)),

    # Kernels come up, in every way that a machine can be.
    Case("normal", "-l and -e, twice, once with the large digest; all CPUs online again",
         BOTH_LIVE,
         attack=(up(), load(park=False, **BIG), leave(), up(), all_online(4),
                 load(park=False), leave(), up()),
         after=(all_online(4),)),
    Case("crash-dump", "panic, crash kernel, makedumpfile and an ELF reader on /proc/vmcore", OURS,
         before=(up(), load_crash(), note_page_bytes(), panic()),
         attack=(up("crash"),),
         after=(vmcore_tells(), vmcore_has_page_bytes(),
                sh("makedumpfile -l -d 31 /proc/vmcore /tmp/dump 2>&1"),
                status(**ARRIVED, expected=3, arrived=3, generation=1),
                others_parked(3)),
         needs=("makedumpfile",)),
    Case("crash-on-cpu2", "crash on CPU 2: the BSP is left alone, and the record says so", OURS,
         before=(up(), load_crash(), panic(cpu=2)),
         attack=(up("crash"), mce(5, broadcast=True)),
         after=(vmcore_tells(), status(state="intact", arrived=2),
                prints("kexec-park --park-status", r"not the BSP")),
         needs=("makedumpfile",)),
    Case("vmlinux", "an ELF vmlinux for a normal load, then a gzip one for a crash", OURS,
         before=(up(), load(RESERVE, image="vmlinux"), leave(), up(), all_online(4),
                 load_crash(image="vmlinux.gz"), panic()),
         attack=(up("crash"),),
         after=(vmcore_tells(), status(**ARRIVED, generation=2)),
         needs=("vmlinux", "makedumpfile")),
    Case("uefi", "UEFI: normal load keeps EFI, then a crash with parked CPUs", OURS,
         before=(up(), sh("test -d /sys/firmware/efi"), load(RESERVE), leave(), up(),
                 sh("test -d /sys/firmware/efi/runtime-map"), all_online(4),
                 load_crash(), panic()),
         attack=(up("crash"),),
         after=(vmcore_tells(), status(**ARRIVED, generation=2, arrived=3), others_parked(3)),
         machine=Machine(uefi=True, args="crashkernel=256M"), needs=("ovmf", "makedumpfile")),
    Case("crashkernel-high", "6 GiB, crashkernel=256M,high", OURS,
         before=(up(), load_crash(), panic()),
         attack=(up("crash"),),
         after=(vmcore_tells(), status(**ARRIVED, arrived=3)),
         machine=Machine(mib=6144, args="crashkernel=256M,high crashkernel=64M,low"),
         needs=("makedumpfile",)),
    Case("5-level", "5-level paging, crashkernel=256M@512M: normal load, then a crash", OURS,
         before=(up(), sh("grep -q la57 /proc/cpuinfo"), load(RESERVE), leave(), up(),
                 load_crash(), panic()),
         attack=(up("crash"),),
         after=(vmcore_tells(), status(**ARRIVED, arrived=3), others_parked(3)),
         machine=Machine(cpu="qemu64,+la57", args="crashkernel=256M@512M"),
         needs=("makedumpfile",)),

    # Parked CPUs under attack.
    Case("maxcpus-nmi-ipi", "-e into maxcpus=1, then NMI IPIs to the idle CPUs", CONTROL,
         figure=True,
         before=(up(), load("maxcpus=1"), leave(), up(), fill_memory(600)),
         attack=(nmi_ipis(20),),
         after=(status(**ARRIVED, arrived=3, nmi_count=STORM), others_parked(3))),
    Case("maxcpus-mce", "-e into maxcpus=1, then broadcast #MCs", CONTROL, figure=True,
         before=(up(), load("maxcpus=1"), leave(), up(), fill_memory(600)),
         attack=(mce(20, broadcast=True),),
         after=(status(**ARRIVED, arrived=3, mce_count=60), others_parked(3))),
    Case("smm", "-e into maxcpus=1 on a machine with SMIs; nobody attacks", CONTROL, figure=True,
         before=(up(), sh("test -d /sys/firmware/efi"), load("maxcpus=1")),
         attack=(leave(), up(), smis(20)),
         after=(status(**ARRIVED, arrived=3), others_parked(3)),
         machine=Machine(smm=True)),
    Case("offline-nmi-ipi", "CPUs taken offline, -e into maxcpus=1, then NMI IPIs", CONTROL,
         figure=True,
         before=(up(), sh("for n in 1 2 3; do echo 0 > /sys/devices/system/cpu/cpu$n/online; done"),
                 load("maxcpus=1"), leave(), up(), fill_memory(600)),
         attack=(nmi_ipis(20),),
         after=(status(**ARRIVED, arrived=3, nmi_count=STORM), others_parked(3))),
    Case("crash-then-storm", "crash kernel up, then broadcast #MCs and NMI IPIs", BOTH_LIVE,
         figure=True,
         before=(up(), load_crash(), panic(), up("crash")),
         attack=(mce(20, broadcast=True, gap=0.4), nmi_ipis(20)),
         after=(only(PARK, status(**ARRIVED, nmi_count=STORM, mce_count=60), others_parked(3)),)),
    Case("hot-added-cpu", "a CPU that comes after the load, then a crash off the BSP: it is parked", OURS,
         before=(up(), load_crash(), add_cpu(3), all_online(4), panic(cpu=1)),
         attack=(up("crash"), mce(5, broadcast=True)),
         after=(status(state="intact", expected=1, arrived=2, verdict="all", mce_count=10),),
         machine=Machine(cpus="3,maxcpus=4,sockets=4,cores=1,threads=1")),
    Case("wake-parked", "a crash kernel with nr_cpus=4 wakes the parked CPUs again", OURS,
         before=(up(), load_crash("nr_cpus=4 reset_devices"), panic()),
         attack=(up("crash"),),
         after=(all_online(4), vmcore_tells()), needs=("makedumpfile",)),

    # Kernels without end, one page.
    Case("chain", "10 kexecs through one page", OURS,
         attack=(up(),) + chain(10),
         after=(all_online(4),), seconds=480),
    Case("chain-mixed", "stock kexec and kexec_file_load in the middle: the page is kept and found",
         OURS,
         attack=(up(), load(), leave(), up(), same_page(),
                 load(tool=STOCK), leave(STOCK), up(), same_page(),
                 sh("kexec -s -l /kit/vmlinuz --initrd=/kit/initrd --reuse-cmdline"),
                 leave(STOCK), up(), same_page(),
                 load(), leave(), up(), same_page()),
         after=(status(**ARRIVED, generation=2), all_online(4)), needs=("kexec",), seconds=400),
    Case("panic-and-back", "panic, crash kernel, and from there back to a normal kernel", OURS,
         before=(up(), load_crash(), panic(), up("crash")),
         attack=(load(), leave(), up()),
         after=(all_online(4), status(**ARRIVED, generation=2))),

    # What the other actions do, and what a failed one leaves alone.
    Case("actions", "-S, -u, -f, whichever tool loaded; a failed load changes nothing", OURS,
         attack=(up(), sh("kexec-park -S"), fails("kexec-park -e", r"loaded"),
                 load_crash(), sh("! kexec-park -S"),
                 sh("kexec-park -u -p"), sh("kexec-park -S"),
                 sh("kexec -s -p /kit/vmlinuz --initrd=/kit/initrd --reuse-cmdline"),
                 sh("! kexec-park -S"), sh("kexec-park -u -p"), sh("kexec-park -S"),
                 sh("kexec-park -l -S"), load(), sh("! kexec-park -l -S"),
                 fails("kexec-park -l /kit/initrd", r"/kit/initrd"), sh("! kexec-park -l -S"),
                 sh("kexec-park -u"), sh("kexec-park -l -S"), sh("kexec-park -u"),
                 force(), up()),
         after=(all_online(4), fails("kexec-park --park-status", r"no park page"),),
         needs=("kexec",)),
    Case("file-call", "-s: crash and normal loads, two initrds, mixed unload; -e boots it", OURS,
         attack=(up(), sh("kexec-park -s -p /kit/vmlinuz --initrd=/kit/initrd --reuse-cmdline"),
                 sh("! kexec-park -S"), sh("kexec-park -c -u -p"), sh("kexec-park -S"),
                 load_crash(), sh("! kexec-park -S"), sh("kexec-park -s -u -p"),
                 sh("kexec-park -S"),
                 fails("kexec-park -s -l /kit/initrd", r"/kit/initrd"),
                 sh("kexec-park -s -s -l /kit/vmlinuz --no-cma --reuse-cmdline "
                    "--initrd=/kit/initrd --initrd=/kit/initrd"),
                 sh("! kexec-park -l -S"), leave(), up()),
         after=(all_online(4), fails("kexec-park --park-status", r"no park page"))),

    Case("hardware-collect", "what docs/HARDWARE-TESTING.md collects: an NMI in a hand-over, and no "
         "hand-over", OURS,
         before=(up(), load(**BIG), sh("collect before /out/hw"), leave(), in_purgatory()),
         attack=(nmi(), up()),
         after=(prints("collect after /out/hw",
                       r"swallowed in the hand-over: 1 NMI, 0 #MC; by parked CPUs: 0 NMI"),
                sh("cd /tmp && tar xzf /out/hw/kexec-park-hardware.tar.gz && "
                   "[ $(grep -c ^ok after/verdict.txt) = 5 ] && grep -q ^CPU: before/facts.txt && "
                   "tar tzf before/report.tar.gz > list && grep -q plan-crash.txt list && "
                   "! grep -rq iomem=relaxed before after"),
                fails("collect before /out/hw && collect after /out/hw",
                      r"FAIL  another kernel is running"),
                prints("cat /out/hw/after/verdict.txt", r"^FAIL  one hand-over more"),
                load(park=False), sh("collect before /out/hw"), leave(), up(),
                fails("collect after /out/hw", r"FAIL  one hand-over more"),
                prints("cat /out/hw/after/verdict.txt", r"^ok    another kernel is running"),
                fails("collect after /out/absent", r"run .collect before. first"),
                fails("collect", r"usage: collect before DIR"))),

    # What the next kernel is told: as stock kexec tells it, but for the listed differences.
    Case("same-loads-bios", "both loaders tell the next kernel the same, on BIOS with a disk", OURS,
         before=(up(), sh("[ ! -s /kit/edd.ko ] || insmod /kit/edd.ko"),
                 sh("test -e /sys/firmware/edd/int13_dev80/mbr_signature")),
         attack=(same_loads("bios", BIOS_LOADS),),
         machine=Machine(disk=True), needs=STOCK_2_0_25 + ("edd",), seconds=480),
    Case("same-loads-uefi", "both loaders tell the next kernel the same, on UEFI", OURS,
         before=(up(), sh("test -d /sys/firmware/efi/runtime-map")),
         attack=(same_loads("uefi", UEFI_LOADS),),
         machine=Machine(uefi=True), needs=STOCK_2_0_25, seconds=480),

    # Errors against a real kernel.
    Case("refusals", "the kernel's refusals are named", OURS,
         attack=(up(),
                 fails("kexec-park -p /kit/vmlinuz", r"crashkernel"),
                 fails("kexec-park -l /kit/initrd", r"/kit/initrd"),
                 sh("echo 1 > /proc/sys/kernel/kexec_load_disabled"),
                 fails("kexec-park -l /kit/vmlinuz --initrd=/kit/initrd", r"kexec_load_disabled")),
         machine=Machine(cpus=1, mib=512, args="")),
)

# On QEMU 9.0 and later, whose TCG has an x2APIC. Linux uses it where interrupts are remapped.
REMAPPED = ("-device", "intel-iommu,intremap=on,eim=on")
IN_X2APIC_MODE = prints("dmesg", r"IRQ remapping in x2apic mode")


def far_cpus(*apic_ids):
    """CPUs of these APIC IDs, beside the first: each is a socket of its own."""
    model = DEFAULT_CPU.partition(",")[0]
    return tuple(word for apic_id in apic_ids for word in (
        "-device", f"{model}-x86_64-cpu,socket-id={apic_id},core-id=0,thread-id=0"))


NEWER = (
    Case("x2apic-maxcpus", "x2APIC: -e into maxcpus=1, then NMI IPIs by MSR, then broadcast #MCs",
         CONTROL, figure=True,
         before=(up(), IN_X2APIC_MODE, load("maxcpus=1"), leave(), up(), IN_X2APIC_MODE,
                 fill_memory(300)),
         attack=(nmi_ipis(20, x2apic=True), mce(20, broadcast=True)),
         after=(status(**ARRIVED, arrived=3, nmi_count=STORM, mce_count=60), others_parked(3)),
         machine=Machine(mib=512, args="", devices=REMAPPED), seconds=480),
    Case("x2apic-crash", "x2APIC: crash on CPU 2, which leaves the BSP alone", OURS,
         before=(up(), IN_X2APIC_MODE, load_crash(), panic(cpu=2)),
         attack=(up("crash"), mce(5, broadcast=True)),
         after=(vmcore_tells(), IN_X2APIC_MODE, status(state="intact", arrived=2),
                prints("kexec-park --park-status", r"not the BSP")),
         machine=Machine(devices=REMAPPED), needs=("makedumpfile",)),
    Case("x2apic-wake-parked", "x2APIC: a crash kernel wakes the parked CPUs, and goes back", OURS,
         before=(up(), load_crash("nr_cpus=4 reset_devices"), panic()),
         attack=(up("crash"), IN_X2APIC_MODE, all_online(4), load(), leave(), up()),
         after=(all_online(4), status(**ARRIVED, arrived=3, generation=2)),
         machine=Machine(devices=REMAPPED), seconds=480),
    Case("apic-ids-above-254", "APIC IDs 0, 255, 256 and 4000: chain, then a crash on the last", OURS,
         before=(up(), all_online(4), load(f"{RESERVE} possible_cpus=4"), leave(), up(),
                 all_online(4), status(**ARRIVED, arrived=3, generation=1), load_crash(),
                 panic(cpu=3)),
         attack=(up("crash"),),
         after=(vmcore_tells(), status(state="intact", arrived=2),
                says(r"hand-over by APIC ID 4000")),
         machine=Machine(cpus="1,sockets=4001,maxcpus=4001", args=f"{RESERVE} possible_cpus=4",
                         devices=REMAPPED + far_cpus(255, 256, 4000)),
         needs=("makedumpfile",), seconds=480),
    Case("epyc", "AMD: a #MC in the digest, and one on a parked CPU; NMI IPIs", CONTROL,
         before=(up(), load("maxcpus=1", **BIG), leave(), in_purgatory()),
         attack=(mce(), up(), fill_memory(600), nmi_ipis(20), mce(5, cpu=2)),
         after=(status(**ARRIVED, arrived=3, nmi_count=STORM, mce_count=5), others_parked(3)),
         machine=Machine(cpu="EPYC"), seconds=480),
    Case("sapphire-rapids", "Sapphire Rapids with 5-level paging: normal load, then a crash", OURS,
         before=(up(), sh("grep -q la57 /proc/cpuinfo"), load(RESERVE), leave(), up(),
                 load_crash(), panic()),
         attack=(up("crash"), mce(5, broadcast=True)),
         after=(vmcore_tells(), status(**ARRIVED, arrived=3, mce_count=15), others_parked(3)),
         machine=Machine(cpu="SapphireRapids,check=off"), needs=("makedumpfile",),
         seconds=480),
)

# Every step has a bound of its own; the sum of a hundred boots has none that means anything.
HOURS = 3600

SOAK = (
    Case("chain-100", "100 kexecs through one page", OURS,
         attack=(up(),) + chain(100),
         after=(all_online(4),), seconds=4 * HOURS),
    Case("loads-200", "200 crash loads and unloads: same plan, nothing of the kernel's left behind",
         OURS,
         before=(up(),) + crash_loads(5) + (note_memory(),),
         attack=crash_loads(200) + (same_memory(1024),),
         after=(load_crash(), panic(), up("crash"), vmcore_tells()),
         needs=("makedumpfile",), seconds=4 * HOURS),
)
