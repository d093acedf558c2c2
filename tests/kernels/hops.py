# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests that need two kernels, or that the vm tier has in a longer form. See tests/vm/cases.py."""

from cases import ARRIVED, BOTH_LIVE, OURS, STORM, Case, Machine, chain
from steps import (all_online, fill_memory, is_kernel, leave, load, mce, nmi_ipis, others_parked,
                   same_page, sh, status, up)

CASES = (
    Case("chain-3", "3 kexecs through one page", OURS,
         attack=(up(),) + chain(3), after=(all_online(4),)),
    Case("there-and-back", "-e into the next kernel with maxcpus=1, an attack on the parked CPUs, and "
         "back into the first one, which keeps the page and wakes them all", OURS,
         before=(up(), is_kernel("vmlinuz.old"), load("maxcpus=1"), leave(), up(),
                 is_kernel("vmlinuz"), same_page(), fill_memory(300)),
         attack=(nmi_ipis(20), mce(5, broadcast=True)),
         after=(status(**ARRIVED, arrived=3, nmi_count=STORM, mce_count=15), others_parked(3),
                load(image="vmlinuz.old"), leave(), up(), is_kernel("vmlinuz.old"), same_page(),
                status(**ARRIVED, generation=2), all_online(4))),
    Case("from-5-level", "-e from a kernel with 5-level paging", BOTH_LIVE,
         before=(up(), sh("grep -q la57 /proc/cpuinfo"), load()),
         attack=(leave(), up()), after=(is_kernel("vmlinuz"), all_online(4)),
         machine=Machine(cpu="qemu64,+la57")),
)
