# SPDX-License-Identifier: LGPL-2.1-or-later
"""The step of tests/vm/cases.py that has both loaders load the same, and compares what they gave.

Every difference must be in expected-differences with its reason, and every one in it must occur.
"""

import os
from dataclasses import dataclass

import differences
import facts
import recording

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected-differences")
COMMON = "console=ttyS0 panic=-1"
INITRD = "--initrd=/kit/initrd"
QUICK = "--no-checks"   # no digest: stock's takes seconds in an emulated machine

# More entries than a zero page has room for, to put in front of the real /sys/firmware/memmap: both
# loaders read that for a normal load.
MANY_RANGES = (
    "mkdir /tmp/memmap && cp -r /sys/firmware/memmap/* /tmp/memmap && i=0 && "
    "while [ $i -lt 150 ]; do mkdir /tmp/memmap/9$i && cd /tmp/memmap/9$i && "
    "printf '0x%x' $((0x1000000000 + i * 0x4000)) > start && "
    "printf '0x%x' $((0x1000000fff + i * 0x4000)) > end && "
    "echo Reserved > type && i=$((i + 1)) || exit 1; done; "
    "mount --bind /tmp/memmap /sys/firmware/memmap")


@dataclass(frozen=True)
class Kind:
    """Of a load: the options of both loaders, more for kexec-park, a command to run before."""
    both: str
    ours: str = ""
    before: str = ""


UEFI_LOADS = {
    "normal": Kind(f"-l {QUICK}"),
    "normal-initrd": Kind(f"-l {INITRD}"),
    "crash": Kind(f"-p {QUICK}"),
    "crash-initrd": Kind(f"-p {INITRD}"),
    "crash-park": Kind(f"-p {INITRD} {QUICK}", ours="--park-page"),
}
BIOS_LOADS = {**UEFI_LOADS, "normal-many-ranges": Kind(f"-l {QUICK}", before=MANY_RANGES)}


def record(scene, name, kind):
    """-> the two loads, and the machine they happened on"""
    commands = {"stock": "kexec -c", "ours": f"kexec-park -c {kind.ours}"}
    out = os.path.join(scene.guest.folder, "out")
    for who, command in commands.items():
        scene.sh(f"mkdir -p /out/{name}/{who}")
        scene.sh(f"record-load /out/{name}/{who} {command} {kind.both} /kit/vmlinuz "
                 f"--command-line='{COMMON}'", 120)
    with open(os.path.join(out, "vmlinuz"), "rb") as image, \
            open(os.path.join(out, "iomem"), encoding="ascii") as iomem:
        machine = facts.Machine(image.read(), iomem.read(), kind.both.startswith("-p"))
    return [recording.read(os.path.join(out, name, who)) for who in commands], machine


def compare(scene, name, kind):
    """Record, and keep what was found in the test's folder. -> differences"""
    if kind.before:
        scene.sh(kind.before)
    pair, machine = record(scene, name, kind)
    found = list(differences.between(*(facts.facts(load, machine) for load in pair)))
    with open(os.path.join(scene.guest.folder, f"differences.{name}"), "w",
              encoding="utf-8") as out:
        out.writelines(f"{each}\n" for each in found)
    return found


def same_loads(where, kinds):
    """Every load of @kinds; one is named "@where-NAME" in the list."""
    def act(scene):
        with open(LIST, encoding="utf-8") as text:
            expected = list(differences.read_expected(text.read()))
        scene.sh("cp /kit/vmlinuz /proc/iomem /out/")
        wrong = []
        for name, kind in kinds.items():
            full = f"{where}-{name}"
            wrong += differences.judge(full, compare(scene, full, kind), expected)
        if wrong:
            raise ValueError(f"{len(wrong)} findings:\n" + "\n".join(wrong))
    act.name = f"both load the same on {where}"
    return act
