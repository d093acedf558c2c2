# SPDX-License-Identifier: LGPL-2.1-or-later
"""The park page: park.c says what each test does."""

import os
import sys

import qemu
from case import Case, DIES, FAIL, MCE_ALL, MCE_CPU1

# QEMU broadcasts machine checks to Intel CPUs only, as hardware does.
INTEL = {'cpu': qemu.INTEL, 'on': {'@mce': MCE_ALL}}
AMD = {'cpu': 'EPYC', 'on': {'@mce1': MCE_CPU1}}

# What QEMU says when a machine check finds CR4.MCE = 0, and MCIP still set.
MCE_OFF = 'MCE capability is not enabled'
MCE_TWICE = 'Previous MCE still in progress'


def park(name, test, **how):
    return Case(name='park: ' + name, kernel='park.elf', test=test, **{**INTEL, **how})


def storm_seconds():
    text = os.environ.get('KEXEC_PARK_STORM_SECONDS', '3600')
    if not text.isdecimal() or not int(text):
        sys.exit(f'KEXEC_PARK_STORM_SECONDS is "{text}": give a number of seconds from 1')
    return int(text)


def soak(name, seconds, **how):
    """Bounded by its progress: the guest tells every minute, and asks for machine checks between."""
    return park(name, f'soak seconds={seconds}', smp=64, patience=240,
                timeout=2 * seconds + 600, aloud=True, **how)


CASES = [
    park('254 CPUs', 'park', smp=255, args=('-machine', 'q35'), timeout=300),
    park('254 CPUs, NMI storm', 'storm', smp=255, args=('-machine', 'q35'), timeout=300),
    park('1 CPU', 'park'),
    park('7 CPUs', 'park', smp=8),
    park('63 CPUs', 'park', smp=64),
    park('lowest place', 'storm page=0x10000', smp=8),
    park('highest place below the EBDA', 'storm page=0x9e000', smp=8),
    park('NMI storm', 'storm', smp=8),
    park('NMI storm, 63 CPUs', 'storm', smp=64),
    park('100 broadcast machine checks, 7 CPUs', 'mce', smp=8),
    park('100 broadcast machine checks, 63 CPUs', 'mce', smp=64),
    park('100 broadcast machine checks, lowest place', 'mce page=0x10000'),
    soak('NMIs and machine checks without end, 5 seconds, 63 CPUs', 5),
    park('entered again', 'reenter', smp=8),
    park('MCIP that survived INIT is cleared', 'mcip', smp=8),
    park('NMI and #MC in real mode and on the way out', 'windows', smp=4),
    park('the same at the highest place', 'windows page=0x9e000'),
    # One thread: only then does QEMU 7.2 see a breakpoint on what LOCK writes.
    park('an exception at the moment of arrival', 'arrive-once', smp=4, cpu='EPYC',
         accel='tcg,thread=single'),
    park('NMIs while CPUs arrive', 'race', smp=4),
    park('NMIs and machine checks at once', 'mixed', smp=4),
    park('without CPUID leaf 0xb', 'storm', smp=4, cpu=f'{qemu.INTEL},level=4'),
    park('without machine checks', 'storm', cpu='qemu64,-mce,-mca'),
    park('clgi: nothing gets through', 'clgi-mode', **AMD),
    park('clgi without SVM: parked by hlt', 'clgi-absent', cpu='EPYC,-svm'),
    park('init: no NMI, but a machine check kills', 'init-mode', expect=DIES,
         last='a machine check while CPUs wait for SIPI', remark=MCE_OFF),
    park('twin: CR4.MCE left 0', 'twin-no-cr4-mce', expect=DIES,
         last='a machine check with CR4.MCE = 0', remark=MCE_OFF),
    park('twin: MCIP kept through INIT', 'twin-mcip-kept', expect=DIES,
         last='a machine check with MCIP kept through INIT', remark=MCE_TWICE),
    park('twin: MCIP kept by the handler', 'twin-mcip-handler', expect=DIES,
         last='a machine check with MCIP kept by the handler', remark=MCE_TWICE),
    park('twin: a slot of the frame overwritten', 'twin-frame', expect=FAIL,
         last='waited in vain for all NMIs of a round'),
    park('what exceptions push over the constant frame', 'frame-pushed', smp=8),
    park('twin: a flag in the frame', 'twin-frame-flags', expect=FAIL,
         last='EFLAGS of the constant frame is 0x102, must be 0x2'),
    # Which of the three NMIs has made an arrival by then is a race.
    park('twin: no tag', 'twin-no-tag', expect=FAIL, last='count of arrivals is 0x'),
    park('twin: one byte changed', 'twin-changed-byte', expect=FAIL,
         last='kind of the page is 0x3, must be 0x1'),
]

STORM_SECONDS = storm_seconds()
SOAK = [
    soak(f'NMIs and machine checks without end, {STORM_SECONDS} seconds, 63 CPUs', STORM_SECONDS),
]
