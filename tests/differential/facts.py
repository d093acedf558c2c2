# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a recorded load tells the next kernel, as named values that two loaders can be compared by.

Each loader chooses where things lie. So a pointer is followed, and stands for what it points to;
the addresses themselves are in one fact, "layout", and what must hold of them in "rules.*".
"""

import struct
import zlib
from dataclasses import dataclass

import bootparams

PAGE = 4096
ENTRY_64 = 0x200                    # of a bzImage, from where its kernel starts
TEXT_START = 0xffffffff80000000     # Documentation/arch/x86/x86_64/mm.rst: the kernel's own image
SETUP_E820_EXT, SETUP_EFI, SETUP_RNG_SEED = 1, 4, 9     # <asm/bootparam.h>
SETUP_NAMES = {SETUP_E820_EXT: "E820_EXT", SETUP_EFI: "EFI", SETUP_RNG_SEED: "RNG_SEED"}
E820_NAMES = {1: "RAM", 2: "Reserved", 3: "ACPI", 4: "NVS", 5: "Unusable", 7: "PMEM", 12: "PRAM"}
MULTIPLIERS = {"k": 10, "m": 20, "g": 30}
ABSENT = "absent"


class Malformed(Exception):
    """A load that cannot be read: no zero page in it, for example."""


@dataclass(frozen=True)
class Machine:
    """Where a load happened, and what it was asked to load."""
    image: bytes        # the bzImage
    iomem: str
    crash: bool

    @property
    def kernel(self):
        """What of the image is put into memory: boot.rst, setup_sects and syssize. A signature
        for Secure Boot may lie behind it."""
        start = ((self.image[0x1f1] or 4) + 1) * 512
        paragraphs, = struct.unpack_from("<I", self.image, 0x1f4)
        return self.image[start:start + 16 * paragraphs]

    def room(self):
        """(start, last) of what segments may use."""
        name = "Crash kernel" if self.crash else "System RAM"
        rows = (line.strip().split(" : ") for line in self.iomem.splitlines())
        return [tuple(int(n, 16) for n in where.split("-")) for where, what in rows
                if what == name]


@dataclass(frozen=True)
class Map:
    """What holds at each address: (start, last, what), ascending. What no row covers is absent."""
    rows: tuple

    def __str__(self):
        return "\n".join(f"{start:#x}..{last:#x} {what}" for start, last, what in self.rows)

    def at(self, address):
        return next((what for start, last, what in self.rows if start <= address <= last), ABSENT)

    def across(self, start, last):
        """What holds from @start to @last: one word, or the pieces from the lowest up."""
        bounds = sorted({start, *(bound for first, end, _ in self.rows
                                  for bound in (first, end + 1) if start < bound <= last)})
        pieces = [(bound, self.at(bound)) for bound in bounds]
        return ", ".join(f"{what} from +{bound - start:#x}" if bound > start else what
                         for bound, what in pieces)


def normal(rows):
    """A Map of rows in any order; adjacent equals become one."""
    merged = []
    for start, last, what in sorted(rows):
        if merged and merged[-1][2] == what and merged[-1][1] + 1 == start:
            merged[-1] = (merged[-1][0], last, what)
        else:
            merged.append((start, last, what))
    return Map(tuple(merged))


def shown(value):
    if isinstance(value, bytes):
        return value.hex() if any(value) else "zeros"
    return f"{value:#x}"


def memparse(text):
    """As lib/cmdline.c has it: a number and perhaps K, M or G."""
    shift = MULTIPLIERS.get(text[-1:].lower(), 0)
    try:
        return int(text[:-1] if shift else text, 0) << shift
    except ValueError:
        raise Malformed(f"elfcorehdr={text}") from None


class Reader:
    """Of one load. The facts() are the point; what several of them need is found first."""

    def __init__(self, load, machine):
        self.load, self.machine = load, machine
        self.zero_page = self._find_zero_page()
        self.fields = bootparams.parse(load.bytes_at(self.zero_page, bootparams.BYTES))
        self.kernel = self._find_kernel()
        self.cmdline_at = self._wide("hdr.cmd_line_ptr", "ext_cmd_line_ptr")
        self.cmdline = load.text_at(self.cmdline_at) or ABSENT
        self.initrd_at = self._wide("hdr.ramdisk_image", "ext_ramdisk_image")
        self.efi_map_at = self._wide("efi_info.efi_memmap", "efi_info.efi_memmap_hi")
        self.setup_data = list(self._walk_setup_data())
        self.elfcorehdr_at = self._find_elfcorehdr()
        self.notes, self.loads = self._parse_core()
        self.backup = next((p for p in self.loads if p["offset"] != p["phys"]), None)

    def _find_zero_page(self):
        for segment in self.load.segments:
            if segment.data[0x202:0x206] == b"HdrS":
                return segment.phys
        raise Malformed("no segment starts with a zero page")

    def _find_kernel(self):
        start = self.machine.kernel[:PAGE]
        for segment in self.load.segments:
            if segment.data.startswith(start):
                return segment
        raise Malformed("no segment starts as the kernel does")

    def _wide(self, low, high):
        return self.fields[low] | self.fields[high] << 32

    def _walk_setup_data(self):
        at, seen = self.fields["hdr.setup_data"], set()
        while at:
            head = self.load.bytes_at(at, 16)
            if head is None or at in seen:
                raise Malformed(f"setup_data leads to {at:#x}")
            seen.add(at)
            following, kind, size = struct.unpack("<QII", head)
            data = self.load.bytes_at(at + 16, size)
            if data is None:
                raise Malformed(f"setup_data of {size} bytes at {at:#x}")
            yield at, kind, data
            at = following

    def _find_elfcorehdr(self):
        for word in self.cmdline.split():
            if word.startswith("elfcorehdr="):
                return memparse(word.partition("=")[2])
        return None

    def _parse_core(self):
        """The program headers, as lists of dicts: notes, loads."""
        if self.elfcorehdr_at is None:
            return [], []
        head = self.load.bytes_at(self.elfcorehdr_at, 64)
        if head is None:
            raise Malformed(f"no segment has the elfcorehdr at {self.elfcorehdr_at:#x}")
        table, count = struct.unpack_from("<Q", head, 32)[0], struct.unpack_from("<H", head, 56)[0]
        keys = ("kind", "flags", "offset", "virt", "phys", "file_size", "size", "align")
        found = []
        for i in range(count):
            raw = self.load.bytes_at(self.elfcorehdr_at + table + 56 * i, 56)
            if raw is None:
                raise Malformed(f"{count} program headers do not fit the elfcorehdr")
            found.append(dict(zip(keys, struct.unpack("<IIQQQQQQ", raw))))
        return [p for p in found if p["kind"] != 1], [p for p in found if p["kind"] == 1]

    # The facts. Each method is one group.

    def facts(self):
        groups = (self.call_facts, self.layout_facts, self.handover_facts, self.digest_facts,
                  self.field_facts, self.text_facts, self.e820_facts, self.setup_data_facts,
                  self.efi_facts, self.core_facts)
        return {name: value for group in groups for name, value in group()}

    def call_facts(self):
        yield "call.flags", shown(self.load.flags)
        yield "call.status", str(self.load.status)

    def role(self, segment):
        """What a segment is for; the purgatory is where the kernel jumps to."""
        points = {self.zero_page: "boot_params", self.kernel.phys: "kernel",
                  self.initrd_at: "initrd", self.elfcorehdr_at: "elfcorehdr",
                  self.efi_map_at: "efi_map"}
        if self.backup:
            points[self.backup["offset"] - self.backup["phys"]] = "backup"
            points[self.backup["offset"]] = "backup"
        if segment is self.load.holder(self.load.entry):
            return "purgatory"
        if any(segment.phys <= at < segment.end and at for at, _, _ in self.setup_data) \
                and segment.phys not in points:
            return "setup_data"
        return points.get(segment.phys, "other")

    def layout_facts(self):
        yield "layout", ", ".join(f"{self.role(s)} {s.phys:#x}+{s.size:#x}"
                                  for s in self.load.segments)
        room = self.machine.room()
        outside = [self.role(s) for s in self.load.segments
                   if not any(start <= s.phys and s.end - 1 <= last for start, last in room)]
        yield "rules.segments_outside_of_memory", " ".join(outside) or "none"
        alignment = self.fields["hdr.kernel_alignment"]
        yield "rules.kernel_beside_alignment", shown(self.kernel.phys % alignment)
        yield "rules.kernel_has_its_init_size", str(
            self.kernel.size >= self.fields["hdr.init_size"])

    def _in_purgatory(self, *numbers):
        """How often it holds them, side by side, wherever it keeps them: addresses have 64 bits."""
        purgatory = self.load.holder(self.load.entry)
        if purgatory is None:
            raise Malformed(f"no segment holds the entry point {self.load.entry:#x}")
        return purgatory.data.count(struct.pack(f"<{len(numbers)}Q", *numbers))

    def handover_facts(self):
        image, data = self.machine.kernel, self.kernel.data
        yield "kernel.bytes", "the image's" if data[:len(image)] == image else "others"
        yield "kernel.bytes_behind_it", shown(len(data) - len(image))
        regions = sum(self._in_purgatory(self.zero_page, size)
                      for size in digest_sizes(self.load.holder(self.zero_page)))
        yield "purgatory.knows_boot_params", str(self._in_purgatory(self.zero_page) > regions)
        yield "purgatory.knows_kernel_entry", str(
            self._in_purgatory(self.kernel.phys + ENTRY_64) > 0)

    def digest_facts(self):
        """A region of the digest is an address and a size, in either purgatory."""
        for segment in self.load.segments:
            role = self.role(segment)
            if role in ("kernel", "initrd", "boot_params", "elfcorehdr"):
                yield f"purgatory.digest.{role}", next(
                    (how for size, how in digest_sizes(segment).items()
                     if self._in_purgatory(segment.phys, size)), "not covered")

    FOLLOWED = ("hdr.cmd_line_ptr", "ext_cmd_line_ptr", "hdr.ramdisk_image", "ext_ramdisk_image",
                "hdr.setup_data", "efi_info.efi_memmap", "efi_info.efi_memmap_hi",
                "e820_table", "e820_entries")

    def field_facts(self):
        for name, value in self.fields.items():
            if name not in self.FOLLOWED:
                yield f"boot_params.{name}", shown(value)
        rest = self.fields["e820_table"][20 * self.fields["e820_entries"]:]
        yield "boot_params.e820_table.rest", shown(rest)
        size = self._wide("hdr.ramdisk_size", "ext_ramdisk_size")
        initrd = self.load.bytes_at(self.initrd_at, size) if size else None
        yield "initrd", f"{len(initrd)} bytes, {crc(initrd)}" if initrd else \
            ABSENT if not self.initrd_at else f"nothing at {self.initrd_at:#x}"

    def text_facts(self):
        words = self.cmdline.split(" ")
        own = [word for word in words if word.startswith("elfcorehdr=")]
        yield "cmdline", " ".join("elfcorehdr=@" if word in own else word for word in words)
        for word in own:
            number = word.partition("=")[2]
            yield "cmdline.elfcorehdr.unit", (number[-1:] if number[-1:] in "KMG" else
                                              "hexadecimal" if "0x" in number else "decimal")

    # Memory. The two areas of a crash load that the dump is made from are facts of their own, and
    # RAM in the map: their addresses differ from loader to loader.

    def _areas(self):
        if self.elfcorehdr_at is not None:
            segment = self.load.holder(self.elfcorehdr_at)
            yield "elfcorehdr", segment.phys, segment.end - 1
        if self.backup:
            segment = self.load.holder(self.backup["offset"])
            if segment:
                yield "backup", segment.phys, segment.end - 1

    def _e820_rows(self):
        table = self.fields["e820_table"][:20 * self.fields["e820_entries"]]
        extra = b"".join(data for _, kind, data in self.setup_data if kind == SETUP_E820_EXT)
        if len(table + extra) % 20:
            raise Malformed(f"{len(extra)} bytes of SETUP_E820_EXT")
        for start, size, kind in struct.iter_unpack("<QQI", table + extra):
            yield start, start + size - 1, E820_NAMES.get(kind, f"type {kind}")

    def e820_facts(self):
        rows = list(self._e820_rows())
        yield "e820.ascending_and_disjoint", str(
            all(a[1] < b[0] for a, b in zip(rows, rows[1:])))
        for name, start, last in self._areas():
            yield f"e820.of.{name}", Map(tuple(rows)).across(start, last)
            rows = list(without(rows, start, last)) + [(start, last, "RAM")]
        yield "e820", normal(rows)

    def setup_data_facts(self):
        yield "setup_data", " ".join(SETUP_NAMES.get(kind, f"type {kind}")
                                     for _, kind, _ in self.setup_data) or ABSENT
        for at, kind, data in self.setup_data:
            name = f"setup_data.{SETUP_NAMES.get(kind, kind)}"
            if kind == SETUP_EFI:
                keys = ("fw_vendor", "runtime", "tables", "smbios")
                for i, key in enumerate(keys):
                    yield f"{name}.{key}", shown(int.from_bytes(data[8 * i:8 * i + 8], "little"))
                yield f"{name}.rest", shown(data[32:])
                yield f"{name}.bytes", str(len(data))
            elif kind == SETUP_RNG_SEED:
                yield name, f"{len(data)} bytes" + ("" if any(data) else " of zeros")
            elif kind != SETUP_E820_EXT:
                yield name, shown(data)

    def efi_facts(self):
        size = self.fields["efi_info.efi_memmap_size"]
        data = self.load.bytes_at(self.efi_map_at, size) if self.efi_map_at else b""
        if data is None:
            raise Malformed(f"an EFI map of {size} bytes at {self.efi_map_at:#x}")
        step = self.fields["efi_info.efi_memdesc_size"]
        rows = [struct.unpack_from("<5Q", data, i * step)
                for i in range(len(data) // step if step >= 40 else 0)]
        yield "efi_map.order", " ".join(shown(row[1]) for row in rows) or ABSENT
        for kind, phys, virt, pages, attributes in rows:
            yield (f"efi_map.{phys:#x}", f"type {kind:#x}, {pages:#x} pages, virtual {virt:#x}, "
                   f"attributes {attributes:#x}")

    def core_facts(self):
        """The elfcorehdr: a note of a CPU is its place and size; memory is a map."""
        if self.elfcorehdr_at is None:
            return
        head = self.load.bytes_at(self.elfcorehdr_at, 64)
        yield "elfcorehdr.e_ident", head[:16].hex()
        keys = "e_type e_machine e_version e_entry e_phoff e_shoff e_flags e_ehsize e_phentsize " \
               "e_phnum e_shentsize e_shnum e_shstrndx"
        for key, value in zip(keys.split(), struct.unpack_from("<HHIQQQIHHHHHH", head, 16)):
            yield f"elfcorehdr.{key}", shown(value)
        for i, p in enumerate(self.notes):
            yield f"elfcorehdr.note.{i}", " ".join(
                f"{key} {shown(p[key])}" for key in p if key != "flags")
        yield "elfcorehdr.note_flags", " ".join(sorted({shown(p["flags"]) for p in self.notes}))
        text = [p for p in self.loads if p["virt"] >= TEXT_START and p["virt"] + 1 < 1 << 64]
        for i, p in enumerate(text):
            yield f"elfcorehdr.text.{i}", " ".join(f"{key} {shown(p[key])}" for key in p)
        yield "elfcorehdr.memory", normal(self._ram_rows([p for p in self.loads if p not in text]))

    def _ram_rows(self, loads):
        for p in loads:
            backed = p is self.backup
            virt = (p["virt"] - p["phys"]) % (1 << 64)
            where = "the backup" if backed and self._in_backup(p) else \
                "its place" if p["offset"] == p["phys"] else shown(p["offset"])
            yield (p["phys"], p["phys"] + p["size"] - 1,
                   f"from {where}, virtual +{virt:#x}, flags {p['flags']}, align {p['align']}"
                   + ("" if p["file_size"] == p["size"] else f", file {shown(p['file_size'])}"))

    def _in_backup(self, p):
        """Its bytes are in a segment that holds no data: the purgatory fills it."""
        segment = self.load.holder(p["offset"])
        return segment is not None and p["offset"] + p["size"] <= segment.end \
            and not any(segment.data)


def digest_sizes(segment):
    """How much of a segment a digest can cover: all of it, or the bytes it was given."""
    return {len(segment.data): "its bytes", segment.size: "all"}


def without(rows, start, last):
    for first, end, what in rows:
        if first < start <= end:
            yield first, start - 1, what
        if first <= last < end:
            yield last + 1, end, what
        if end < start or first > last:
            yield first, end, what


def crc(data):
    return f"crc {zlib.crc32(data):08x}"


def facts(load, machine):
    return Reader(load, machine).facts()
