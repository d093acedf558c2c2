# SPDX-License-Identifier: LGPL-2.1-or-later
"""Build what the guests use: an initramfs, and a folder ("kit") of tools and kernels.

The kit is shared into every guest read-only, so that a rebuilt tool needs no new initramfs.
"""

import fcntl
import glob
import gzip
import lzma
import os
import re
import shutil
import struct
import subprocess

import cpio

HERE = os.path.dirname(os.path.abspath(__file__))
LOADER = "/lib64/ld-linux-x86-64.so.2"
MODULES = ("9p", "9pnet_virtio", "virtio_pci", "msr")
LISTED_STOCK = "kexec-tools 2.0.25"     # tests/differential/expected-differences
DIGEST_PAD = 96 << 20  # zeros behind the big initrd: seconds of SHA-256 under TCG


class Missing(Exception):
    """Something that the tests need is not on this machine; the text names it."""


class Kernel:
    """A bzImage, and the folder of its modules."""

    def __init__(self, image, modules=None):
        self.image = image
        self.release = bzimage_release(image)
        self.modules = modules or os.path.join("/lib/modules", self.release)


class Kit:
    """Paths of a built kit. `missing` maps the name of an absent tool to the reason.

    QEMU boots the kernel @old; /kit/vmlinuz in its guest is the kernel @new. Without them, both are
    the kernel under test."""

    def __init__(self, build_dir, folder="tests/vm/kit", old=None, new=None):
        self.root = os.path.join(build_dir, folder)
        self.old = old or Kernel(find_kernel())
        self.new = new or self.old
        self.missing = {}

    def path(self, name):
        return os.path.join(self.root, name)

    def build(self, build_dir):
        """Only one run at a time may use a kit: the lock is held until the process ends."""
        os.makedirs(self.root, exist_ok=True)
        self._lock = open(self.path("lock"), "w", encoding="ascii")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        for folder in ("bin", "lib"):
            shutil.rmtree(self.path(folder), ignore_errors=True)
            os.makedirs(self.path(folder))
        copy_if_other(self.new.image, self.path("vmlinuz"))
        copy_if_other(self.old.image, self.path("vmlinuz.old"))
        write_initramfs(self.path("initrd"), {self.old.release: self.old,
                                              self.new.release: self.new}.values())
        with open(self.path("initrd"), "rb") as small, open(self.path("initrd-big"), "wb") as big:
            big.write(small.read())
            big.truncate(big.tell() + DIGEST_PAD)
        self._tool("kexec-park", built_program(build_dir))
        self._tool("record-load", is_program(
            os.path.join(build_dir, "tests", "differential", "record-load")))
        shutil.copy2(os.path.join(HERE, "../hardware/collect"), self.path("bin"))
        self._tool("kexec", shutil.which("kexec", path="/sbin:/usr/sbin"))
        self._stock_version()
        self._tool("makedumpfile", shutil.which("makedumpfile", path="/usr/bin:/usr/sbin"))
        self._module("edd")
        self._vmlinux()
        return self

    def _tool(self, name, source):
        if not source:
            ours = name in ("kexec-park", "record-load")
            self.missing[name] = f"{name} is not {'built' if ours else 'installed'}"
            return
        shutil.copy2(source, os.path.join(self.path("bin"), name))
        for library in shared_libraries(source):
            shutil.copy2(library, self.path("lib"))

    def _stock_version(self):
        """What is expected to differ from stock kexec was listed of one version of it."""
        if "kexec" in self.missing:
            return
        found = subprocess.run([shutil.which("kexec", path="/sbin:/usr/sbin"), "-v"], text=True,
                               stdout=subprocess.PIPE, check=True).stdout.strip()
        if found != LISTED_STOCK:
            self.missing[LISTED_STOCK] = f"{found} is not {LISTED_STOCK}, of which the list is"

    def _module(self, name):
        """One that a test loads by itself, as /kit/NAME.ko; an empty file where it is built in."""
        try:
            paths = modules_in_order(self.old.modules, (name,))
        except Missing as why:
            self.missing[name] = str(why)
            return
        with open(self.path(f"{name}.ko"), "wb") as out:
            out.write(module_bytes(os.path.join(self.old.modules, paths[-1])) if paths else b"")

    def _vmlinux(self):
        target, image = self.path("vmlinux"), self.new.image
        if os.path.exists(target) and os.path.getmtime(target) == os.path.getmtime(image):
            return
        try:
            data = bzimage_payload(image)
        except Missing as why:
            self.missing["vmlinux"] = str(why)
            return
        with gzip.open(target + ".gz", "wb", compresslevel=1) as out:
            out.write(data)
        with open(target, "wb") as out:
            out.write(data)
        shutil.copystat(image, target)


def find_kernel():
    """The kernel under test: KEXEC_PARK_TEST_KERNEL, or the newest one in /boot."""
    named = os.environ.get("KEXEC_PARK_TEST_KERNEL")
    if named:
        return named
    found = [path for pattern in ("/boot/vmlinuz-*-amd64", "/boot/vmlinuz-*-generic")
             for path in glob.glob(pattern) if os.access(path, os.R_OK)]
    if not found:
        raise Missing("no readable kernel in /boot (install linux-image-amd64)")
    return max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path)])


def bzimage_release(path):
    """The release a bzImage carries: Linux Documentation/arch/x86/boot.rst, kernel_version."""
    with open(path, "rb") as image:
        head = image.read(0x8000)
    if head[0x202:0x206] != b"HdrS":
        raise Missing(f"{path} is not a bzImage")
    start = struct.unpack_from("<H", head, 0x20e)[0] + 0x200
    return head[start:head.index(b"\0", start)].split()[0].decode()


def bzimage_payload(path):
    """The ELF vmlinux inside a bzImage (boot.rst: payload_offset, payload_length)."""
    with open(path, "rb") as image:
        data = image.read()
    start = (data[0x1f1] or 4) * 512 + 512 + struct.unpack_from("<I", data, 0x248)[0]
    length = struct.unpack_from("<I", data, 0x24c)[0]
    payload = data[start:start + length]
    if payload.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(payload)
    if payload.startswith(b"\x1f\x8b"):
        return gzip.decompress(payload[:-4])
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        return decompress_with(("zstd", "-dcq"), payload[:-4])
    raise Missing(f"{path} is compressed in a way that this test cannot read")


def decompress_with(command, data):
    if not shutil.which(command[0]):
        raise Missing(f"{command[0]} is not installed")
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def built_program(build_dir):
    """The ELF file of the tool that was just built."""
    for name in ("kexec-park-static", "kexec-park"):
        path = is_program(os.path.join(build_dir, name))
        if path:
            return path
    return None


def is_program(path):
    """@path if it is an ELF file, else None."""
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as program:
        return path if program.read(4) == b"\x7fELF" else None


def shared_libraries(program):
    """The files that the dynamic loader maps for @program, itself included; none if static."""
    folder = os.path.dirname(program)
    search = ":".join((folder, os.path.join(folder, ".libs"), os.path.join(folder, "..", ".libs")))
    listing = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True, env={**os.environ, "LD_LIBRARY_PATH": search})
    return re.findall(r"(?:=> |^\s*)(/\S+) \(0x", listing.stdout, re.MULTILINE)


def module_bytes(path):
    with open(path, "rb") as module:
        data = module.read()
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zst"):
        return decompress_with(("zstd", "-dcq"), data)
    return data


def modules_in_order(folder, names=MODULES):
    """Paths of modules and what they depend on, dependencies first."""
    depends = {}
    with open(os.path.join(folder, "modules.dep"), encoding="ascii") as lines:
        for line in lines:
            path, _, needs = line.partition(":")
            depends[path] = needs.split()
    with open(os.path.join(folder, "modules.builtin"), encoding="ascii") as lines:
        built_in = {module_name(line.strip()) for line in lines}
    by_name = {module_name(path): path for path in depends}
    order = []
    for name in names:
        if name in built_in:
            continue
        if name not in by_name:
            raise Missing(f"the kernel has no module {name} in {folder}")
        for path in depends[by_name[name]][::-1] + [by_name[name]]:
            if path not in order:
                order.append(path)
    return order


def module_name(path):
    return os.path.basename(path).split(".")[0].replace("-", "_")


def write_initramfs(target, kernels):
    busybox = shutil.which("busybox")
    if not busybox or shared_libraries(busybox):
        raise Missing("no static busybox (install busybox-static)")
    with open(target + ".new", "wb") as out:
        archive = cpio.Archive(out)
        archive.char_device("dev/console", 5, 1)
        archive.file("bin/busybox", module_bytes(busybox), executable=True)
        for script in ("init", "serve"):
            with open(os.path.join(HERE, "guest", script), "rb") as text:
                archive.file(script, text.read(), executable=True)
        for kernel in kernels:
            add_modules(archive, kernel)
        archive.link("lib64/ld-linux-x86-64.so.2", "/kit/lib/ld-linux-x86-64.so.2")
        archive.end()
    os.replace(target + ".new", target)


def add_modules(archive, kernel):
    """As modules/RELEASE/NAME.ko, and their order for insmod."""
    if not os.path.exists(os.path.join(kernel.modules, "modules.dep")):
        raise Missing(f"no modules of kernel {kernel.release} in {kernel.modules}")
    names = []
    for path in modules_in_order(kernel.modules):
        names.append(re.sub(r"\.(xz|gz|zst)$", "", os.path.basename(path)))
        archive.file(f"modules/{kernel.release}/{names[-1]}",
                     module_bytes(os.path.join(kernel.modules, path)))
    archive.file(f"modules/{kernel.release}/order", "".join(name + "\n" for name in names).encode())


def copy_if_other(source, target):
    """A copy has the source's time: an older kernel than the last one is another kernel too."""
    if not os.path.exists(target) or os.path.getmtime(target) != os.path.getmtime(source):
        shutil.copy2(source, target)
