# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which QEMU the tests run on, where its firmware is, and what its monitor would not do.

--qemu PATH, or KEXEC_PARK_QEMU, names the program; else it is the one in PATH.
"""

import functools
import os
import re
import shutil
import subprocess

NAME = "qemu-system-x86_64"
VARIABLE = "KEXEC_PARK_QEMU"
# Rows that are called newer are for this QEMU: x2APIC without KVM, and APIC IDs above 254.
NEWER = (9, 0)
OVMF_CODE = ("OVMF_CODE_4M.fd", "OVMF_CODE.fd")

# Intel's rules for machine checks (broadcast, rendezvous). QEMU broadcasts from family 6, model 14
# on (target/i386/helper.c, cpu_x86_support_mca_broadcast), and from QEMU 10 on its "max" is a
# model 6.
INTEL = "max,vendor=GenuineIntel,family=6,model=85"

# All that the monitor's "mce" has to say of a machine check that arrived (target/i386/helper.c,
# do_inject_x86_mce).
KILLED = re.compile(r"CPU \d+: (MCE capability is not enabled|Previous MCE still in progress),"
                    r" raising triple fault")


def add_option(parser):
    parser.add_argument("--qemu", metavar="PATH", type=choose,
                        help=f"the QEMU to run on (${VARIABLE}; {NAME} in PATH)")


def choose(path):
    """From here on, for children too."""
    os.environ[VARIABLE] = os.path.abspath(path)
    return path


def program():
    return os.environ.get(VARIABLE) or NAME


def is_newer():
    """Than the oldest that the tests run on: it has what NEWER rows need."""
    return not lacking() and version() >= NEWER


def lacking():
    """Why there is no QEMU, or None."""
    if shutil.which(program()):
        return None
    if program() == NAME:
        return f"{NAME} is not installed (qemu-system-x86)"
    return f"{program()} cannot be run"


@functools.lru_cache(maxsize=None)
def version_of(path):
    """(major, minor)"""
    said = subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    major, minor = re.search(r"version (\d+)\.(\d+)", said).groups()
    return int(major), int(minor)


def version():
    return version_of(program())


def accel_of_single_instructions():
    """A translation block for each instruction. The old name has gone in QEMU 10."""
    if version() >= (8, 1):
        return ["-accel", "tcg,thread=single,one-insn-per-tb=on"]
    return ["-accel", "tcg,thread=single", "-singlestep"]


def ovmf():
    """(code, variables) of the firmware beside the chosen QEMU, or else of this machine; None."""
    beside = os.path.join(os.path.dirname(program()), "usr/share/OVMF")
    for folder in (beside, "/usr/share/OVMF") if program() != NAME else ("/usr/share/OVMF",):
        for name in OVMF_CODE:
            code = os.path.join(folder, name)
            if os.path.exists(code):
                return code, code.replace("CODE", "VARS")
    return None


def refusal(answer):
    """What an attack's answer says beyond that it killed. Not "": the attack did not take place."""
    return KILLED.sub("", answer).strip()
