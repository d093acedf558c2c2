# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rows for Bochs: park.c and purgatory_test.c of tests/payload say what each test does."""

import cases_purgatory as purgatory
from case import DIES, FAIL, RESET, Case
from cases_purgatory import (BOOT_POLICY, CR0_EM_TS, ENTERED, MOV_TO_CR4, NOP3, RETURN_1, SHA256RNDS2,
                             SOME, UD2, at)

HASWELL = 'corei7_haswell_4770'  # VMX, no SHA-NI
ICELAKE = 'corei7_icelake_u'     # SHA-NI
RYZEN = 'ryzen'                  # SVM

# Hand-overs are said as in the table for QEMU, but for the baud rate: this BIOS leaves the port's line
# control at five bits, and with a rate the purgatory sets it.


def park(name, test, **how):
    return Case(name='park: ' + name, kernel='park.elf', test=f'{test} others=2 mces=0',
                **{'smp': 3, 'cpu': HASWELL, **how})


def handover(name, cpu=HASWELL, **options):
    return purgatory.handover(name, cpu=cpu, baud=115200, **options)


def twin(name, patch, expect, **options):
    return handover(f'twin: {name}', patch=patch, expect=expect, **options)


# Two regions of the digest; in each, lane n is the n-th quarter, and the rest belongs to the last.
DIGEST, VERIFIED = 600000, 'verified 585 KiB'
QUARTER = (DIGEST - DIGEST // 3) // 256 * 64
# XORPS of XMM1 and XMM2, where kp_sha256_ni_pair has a stream's state, and IRETQ.
CLOBBER = b'\x0f\x57\xc9\x0f\x57\xd2\x48\xcf'

FLIPPED = dict(cpu=ICELAKE, digest=DIGEST, policy=BOOT_POLICY, verdict=2,
               serial=('DIGEST MISMATCH', 'booting all the same', 'entering 0x'))
PARKS = dict(cpus=3, park=0x10000, expected=2, digest=20000)
X2APIC = dict(x2apic=1, **PARKS)
NOT_BSP = {**X2APIC, 'boot_cpu': 1, 'expected': 1}
VMX = dict(vmx=2, rounds=2, pending=0, **PARKS)  # pending=0: Bochs loses a blocked INIT
# This BIOS, started again by INIT, dies of writing to a register that it has locked itself.
FIRMWARE_AGAIN = 'e[CPU0  ] WRMSR: IA32_FEATURE_CONTROL_MSR VMX lock bit is set'
PARKED = ('verified 19 KiB', 'parked 2 of 2 CPUs at 0x10000 (hlt)', 'entering 0x')

CASES = [
    park('NMI storm', 'storm'),
    park('NMIs while CPUs arrive', 'race rounds=10', args=('quantum=1',)),
    park('NMI and #MC vectors in real mode and on the way out', 'windows'),
    park('an exception at the moment of arrival', 'arrive-once', cpu=RYZEN),
    park('clgi: nothing gets through', 'clgi-mode', cpu=RYZEN),
    park('clgi: nor do INIT and SIPI', 'clgi-init', cpu=RYZEN),
    park('twin: hlt, INIT and SIPI', 'clgi-init mode=0', cpu=RYZEN, expect=FAIL,
         last='CPUs that INIT and SIPI fetched back is 0x2, must be 0x0'),
    park('twin: no tag', 'twin-no-tag', expect=FAIL, last='count of arrivals is 0x'),

    handover('parks two CPUs', **PARKS, serial=PARKED),
    handover('parks two CPUs, x2APIC', **X2APIC, serial=PARKED),
    handover('three hand-overs through one page, x2APIC', rounds=3, **X2APIC, serial=3 * PARKED),
    handover('a listed CPU that is not there, x2APIC', **X2APIC, listed=4, parked=SOME,
             listed_others=3, serial=('parked 2 of 3 CPUs at 0x10000 (hlt), 1 missing, APIC IDs 3',)),
    handover('not on the BSP, which is left alone, x2APIC', **NOT_BSP,
             serial=('hand-over by APIC ID 1\n', 'parked 1 of 1 CPUs',
                     'left the BSP (APIC ID 0) where it is')),
    twin('INIT to the BSP, x2APIC', None, DIES, **NOT_BSP, bsp=2, last=ENTERED,
         remark=FIRMWARE_AGAIN, no_serial=('parked', 'entering 0x')),
    twin('no interprocessor interrupt, x2APIC', (at('apic_send'), RETURN_1), FAIL, **X2APIC,
         last="the record's parking verdict is 0x2"),

    handover('VMX root operation blocks INIT; after VMXOFF one works', **VMX, serial=(
        'parked 1 of 2 CPUs at 0x10000 (hlt), 1 missing, APIC IDs 2', 'entering 0x',
        'parked 2 of 2 CPUs at 0x10000 (hlt)', 'entering 0x')),
    twin('VMX operation left before', None, FAIL, **VMX, vmx_off=1,
         last='the verdict with a CPU in VMX root operation is 0x1, must be 0x2'),
    handover('clgi: a later hand-over gets nobody back', cpu=RYZEN, mode=2, rounds=2,
             **{**PARKS, 'expected': 0}, parked=SOME, serial=(
                 'parked 2 of 2 CPUs at 0x10000 (clgi)', 'entering 0x',
                 'parked 0 of 2 CPUs at 0x10000 (clgi), 2 missing, APIC IDs 1 2', 'entering 0x')),

    handover('SHA-NI', cpu=ICELAKE, digest=DIGEST, serial=(VERIFIED, 'entering 0x')),
    handover('SHA-NI, 100 NMIs in the digest', cpu=ICELAKE, digest=DIGEST, cpus=2, hashed=1,
             nmis=100, serial=(VERIFIED + ', swallowed 100 NMI 0 #MC', 'entering 0x')),
    handover('SHA-NI, vector instructions forbidden by the old kernel, and after', cpu=ICELAKE,
             digest=DIGEST, cr0=CR0_EM_TS, serial=(VERIFIED, 'entering 0x')),
    *(handover(f'SHA-NI, one flipped byte in lane {lane}', flip=lane * QUARTER + 70000, **FLIPPED)
      for lane in range(4)),
    handover('SHA-NI, the first byte flipped of the second region', flip=DIGEST - DIGEST // 3,
             **FLIPPED),
    handover('SHA-NI, the last byte flipped', flip=DIGEST - 1, **FLIPPED),
    twin('SHA-NI instruction broken', (at('kp_sha256_ni_pair', SHA256RNDS2), UD2), RESET,
         cpu=ICELAKE, digest=DIGEST, last=ENTERED, serial=('fault: vector 6',),
         no_serial=('verified',)),
    handover('SHA-NI instruction broken, on a CPU without: it is not used', digest=DIGEST,
             patch=(at('kp_sha256_ni_pair', SHA256RNDS2), UD2)),
    twin('SHA-NI, CR4.OSFXSR left 0', (at('digest_matches', MOV_TO_CR4), NOP3), RESET,
         cpu=ICELAKE, digest=DIGEST, last=ENTERED, serial=('fault: vector 6',),
         no_serial=('verified',)),
    twin('SHA-NI, CR4.OSFXSR not put back', (at('digest_matches', MOV_TO_CR4, 2), NOP3), FAIL,
         cpu=ICELAKE, digest=DIGEST, last='CR4 is 0x260, must be 0x60'),
    twin('SHA-NI, an NMI handler that touches a vector register', (at('trap_nmi_count'), CLOBBER),
         FAIL, cpu=ICELAKE, digest=DIGEST, cpus=2, hashed=1, nmis=1, policy=BOOT_POLICY,
         serial=('DIGEST MISMATCH',), last="the record's digest verdict is 0x2, must be 0x1"),
]
