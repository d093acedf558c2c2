# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of the matrix: found in Debian's archive, unpacked into the cache of debian.py.

A kernel's folder has vmlinuz and the few modules that the guests load. Which kernel is a row's
newest is asked once a day, and if the archive does not answer, the one of last time is it.
"""

import contextlib
import fcntl
import glob
import hashlib
import os
import re
import shutil
import tempfile
import time

import archive
from debian import cache_folder
from kit import MODULES, Kernel, Missing, module_bytes, module_name

NEEDED = (*MODULES, "edd")
# Since 6.19 the image, the modules and modules.builtin have packages of their own, which linux-image
# depends on.
PARTS = re.compile(r"\b(linux-(?:base|binary|modules)-\S+)")
ASK_AGAIN = 24 * 3600


def get(row):
    """The Kernel of a row: from the cache, or fetched into it."""
    cache = os.path.join(cache_folder(), "kernels")
    os.makedirs(cache, exist_ok=True)
    spec = repr((row.suites, row.package, NEEDED)).encode()
    current = os.path.join(cache, f"{row.name}-{hashlib.sha256(spec).hexdigest()[:8]}")
    with open(os.path.join(cache, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_fresh(current):
            refresh(row, cache, current)
    return kernel_in(os.path.realpath(current))


def is_fresh(link):
    return os.path.exists(link) and time.time() - os.lstat(link).st_mtime < ASK_AGAIN


def refresh(row, cache, current):
    """Point the link @current at the folder of the row's newest kernel."""
    try:
        folder = provide(row, cache)
    except Missing:
        if not os.path.exists(current):
            raise
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(current + ".new")
    os.symlink(folder, current + ".new")
    os.replace(current + ".new", current)


def provide(row, cache):
    """-> the folder, within the cache, of the row's newest kernel."""
    packages = {each["Package"]: each for name in row.suites
                for each in archive.suite(name, "linux-", cache)}
    images = [each for name, each in packages.items() if re.fullmatch(row.package, name)]
    if not images:
        raise Missing(f"no package {row.package} in {' '.join(row.suites)}")
    image = archive.newest(images)
    name = f"{image['Package']}_{image['Version']}"
    if not os.path.isdir(os.path.join(cache, name)):
        parts = [packages[each] for each in PARTS.findall(image.get("Depends", ""))]
        with tempfile.TemporaryDirectory(dir=cache) as work:
            build(os.path.join(work, "kernel"), [image, *parts], os.path.join(work, "tree"))
            os.rename(os.path.join(work, "kernel"), os.path.join(cache, name))
    return name


def build(folder, packages, tree):
    for package in packages:
        archive.unpack(package, tree)
    os.makedirs(folder)
    shutil.copy2(the_one(tree, "boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz"),
                 os.path.join(folder, "vmlinuz"))
    modules = the_one(tree, "lib/modules/*", "usr/lib/modules/*")
    target = os.path.join(folder, "modules")
    os.makedirs(target)
    shutil.copy2(os.path.join(modules, "modules.builtin"), target)
    copy_modules(modules, target)


def the_one(tree, *patterns):
    """What is at one of the places where releases of Debian have had it."""
    found = [path for pattern in patterns for path in glob.glob(os.path.join(tree, pattern))]
    if len(found) != 1:
        raise Missing(f"the packages have {len(found)} of {' or '.join(patterns)}")
    return found[0]


def copy_modules(source, target):
    """What is needed and its dependencies, with a modules.dep as depmod(8) writes it."""
    paths = {module_name(path): path
             for path in glob.glob(os.path.join(source, "**/*.ko*"), recursive=True)}
    depends = {}
    todo = [name for name in NEEDED if name in paths]
    while todo:
        name = todo.pop()
        if name not in depends:
            depends[name] = depends_of(paths[name])
            todo += depends[name]
            shutil.copy2(paths[name], target)
    with open(os.path.join(target, "modules.dep"), "w", encoding="ascii") as out:
        for name in depends:
            files = [os.path.basename(paths[each]) for each in closure(name, depends)]
            print(f"{files[0]}: {' '.join(files[1:])}", file=out)


def depends_of(path):
    """Names of the modules that one names in its section .modinfo."""
    found = re.search(rb"\0depends=([^\0]*)\0", b"\0" + module_bytes(path))
    return [name.replace("-", "_") for name in found.group(1).decode().split(",") if name]


def closure(name, depends):
    """A module and what it needs, each before its own dependencies."""
    order = []

    def visit(each):
        for need in depends[each]:
            visit(need)
        if each not in order:
            order.append(each)
    visit(name)
    return order[::-1]


def kernel_in(folder):
    return Kernel(os.path.join(folder, "vmlinuz"), os.path.join(folder, "modules"))
