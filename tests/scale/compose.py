# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine as large as one likes, composed around the captured one of tests/machines/uefi."""

import os
import shutil
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
BASE = os.path.join(HERE, "../machines/uefi/root")
PAGE = 4096
FOUR_GIB, MIDDLE, TOP = 4 << 30, 32 << 40, 64 << 40     # where composed memory begins and ends
X2APIC_ENTRY, APIC_LENGTH, APIC_CHECKSUM = 9, 4, 9
APIC_ID_STEP = 3                        # sparse, and below 32768 for 8192 CPUs
FIRST_NOTE = 0x3c000000                 # crash notes, in the RAM of the base machine
NOTE_BYTES = 368


def read(root, path, mode=""):
    with open(os.path.join(root, path), "r" + mode) as f:
        return f.read()


def write(root, path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(data, bytes) else "w") as f:
        f.write(data)


def spans(n, start=FOUR_GIB, end=MIDDLE):
    """@n pieces of that memory, a page left out behind each. -> (start, last)"""
    size = (end - start) // max(n, 1) // PAGE * PAGE
    return [(start + i * size, start + (i + 1) * size - PAGE - 1) for i in range(n)]


def add_cpus(root, n):
    """All the CPUs that there are: the base machine's four are among them."""
    model = read(root, "proc/cpuinfo").split("\n\n")[0]
    text, entries = [], b""
    for cpu in range(n):
        apic = cpu * APIC_ID_STEP
        text.append(model.replace("processor\t: 0", f"processor\t: {cpu}")
                    .replace("apicid\t\t: 0", f"apicid\t\t: {apic}")
                    .replace("initial apicid\t: 0", f"initial apicid\t: {apic}"))
        entries += struct.pack("<BBHIII", X2APIC_ENTRY, 16, 0, apic, 1, cpu)
        folder = f"sys/devices/system/cpu/cpu{cpu}"
        write(root, f"{folder}/crash_notes", f"{FIRST_NOTE + cpu * 512:x}\n")
        write(root, f"{folder}/crash_notes_size", f"{NOTE_BYTES}\n")
    write(root, "proc/cpuinfo", "\n\n".join(text) + "\n\n")
    write(root, "sys/devices/system/cpu/possible", f"0-{n - 1}\n")
    table = bytearray(read(root, "sys/firmware/acpi/tables/APIC", "b")[:44] + entries)
    struct.pack_into("<I", table, APIC_LENGTH, len(table))
    table[APIC_CHECKSUM] = 0
    table[APIC_CHECKSUM] = -sum(table) & 0xff
    write(root, "sys/firmware/acpi/tables/APIC", bytes(table))


def add_entry(root, number, start, last, kind):
    """To the firmware's map."""
    folder = f"sys/firmware/memmap/{number}"
    write(root, f"{folder}/start", f"{start:#x}\n")
    write(root, f"{folder}/end", f"{last:#x}\n")
    write(root, f"{folder}/type", f"{kind}\n")


def add_ranges(root, n):
    """Of System RAM, in /proc/iomem: what a dump must describe. One entry of the firmware's map
    has them all."""
    add_entry(root, 999, FOUR_GIB, MIDDLE - PAGE - 1, "System RAM")
    add_unknown(root, n)


def add_unknown(root, n):
    """Ranges that the firmware's map has not: the next kernel's is made from /proc/iomem."""
    write(root, "proc/iomem", read(root, "proc/iomem") + "".join(
        f"{start:x}-{last:x} : System RAM\n" for start, last in spans(n)))


def add_reserved(root, n):
    """Of Reserved in /proc/iomem, each a page behind where a composed range may be: what nothing may
    be put into."""
    write(root, "proc/iomem", read(root, "proc/iomem") + "".join(
        f"{last + 1:x}-{last + PAGE:x} : Reserved\n" for _, last in spans(n)))


def firmware(n):
    """Entries of the firmware's map, RAM and Reserved by turns: what the next kernel is told."""
    return [(start, last, "Reserved" if i % 2 else "System RAM")
            for i, (start, last) in enumerate(spans(n, MIDDLE, TOP))]


def add_firmware(root, n):
    for i, entry in enumerate(firmware(n)):
        add_entry(root, 1000 + i, *entry)


def add_efi(root, n):
    """Descriptors of EFI's runtime map."""
    for i in range(n):
        folder = f"sys/firmware/efi/runtime-map/{1000 + i}"
        values = dict(attribute=0x8000000000000001, num_pages=16, phys_addr=0x80000000 + (i << 16),
                      type=0xb, virt_addr=0xfffffffe00000000 + (i << 16))
        for name, value in values.items():
            write(root, f"{folder}/{name}", f"{value:#x}\n")


ADD = {"CPUs": add_cpus, "ranges": add_ranges, "unknown": add_unknown, "reserved": add_reserved,
       "firmware": add_firmware, "EFI": add_efi}


def compose(root, sizes):
    """A machine of these sizes, by the names of ADD, in the new folder @root."""
    shutil.copytree(BASE, root, symlinks=True)
    for name, n in sizes.items():
        ADD[name](root, n)
