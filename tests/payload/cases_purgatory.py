# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shipped purgatory, and twins of it that a few patched bytes must make fail."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import vocabulary  # noqa: E402

from case import DIES, FAIL, PASS, RESET, Case

BUILD = os.environ.get('top_builddir', '.')
KERNEL = 'purgatory_test.elf'
ENTERED = 'entering the purgatory'
MCE_CPU0 = 'mce 0 1 0xb100000000000000 0x5 0 0'
# MCG_STATUS: RIPV 1, EIPV 2, MCIP 4. The status has ADDRV too.
POISON = {f'@mce {mcg_status}': f'mce 0 1 0xb500000000000000 {mcg_status:#x} 0x5a5a000 0'
          for mcg_status in (4, 7)}
POISON['@mce 7 nowhere'] = 'mce 0 1 0xb100000000000000 0x7 0 0'

RET, UD2, NOP2 = b'\xc3', b'\x0f\x0b', b'\x66\x90'
RETURN_1 = b'\xb0\x01\xc3'
WRMSR = b'\x0f\x30'
MOV_TO_CR0, MOV_TO_CR4, NOP3 = b'\x0f\x22[\xc0-\xc7]', b'\x0f\x22[\xe0-\xe7]', b'\x0f\x1f\x00'
LIDT, NOP7 = b'\x0f\x01\x1d', b'\x0f\x1f\x80\0\0\0\0'
CR0_EM, CR0_EM_TS = 0x04, 0x0c

FLAG_CRASH, FLAG_SERIAL, FLAG_VGA, FLAG_FB, FLAG_SKIP = 0x01, 0x02, 0x04, 0x08, 0x10
FLAG_POST = 0x80
RESET_POLICY, HALT_POLICY, BOOT_POLICY = 0, 1, 2

OUTCOMES, PHASES = vocabulary.numbers('OUTCOME'), vocabulary.numbers('PHASE')


def post(*names):
    """The POST codes of phases and outcomes."""
    return tuple(vocabulary.constant('PARK_POST_PHASE') + PHASES[name] if name in PHASES else
                 vocabulary.constant('PARK_POST_OUTCOME') + OUTCOMES[name] for name in names)


def read_symbols():
    try:
        lines = subprocess.run([os.environ.get('NM', 'nm'), f'{BUILD}/purgatory/purgatory.elf'],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return {}  # not built: nor is the kernel, and the driver skips these rows
    return {name: int(value, 16) for value, _, name in (line.split() for line in lines)}


SYMBOLS = read_symbols()


def at(symbol, instruction=b'', which=1):
    """Offset of the symbol in the blob, or of the first (or whichever) such instruction after it.

    The instruction is a regular expression: its registers are the compiler's choice."""
    offset = SYMBOLS.get(symbol, 0)
    if not instruction or not SYMBOLS:
        return offset
    with open(f'{BUILD}/purgatory/purgatory.bin', 'rb') as blob:
        found = re.compile(instruction, re.DOTALL).finditer(blob.read(), offset)
        return [match.start() for match, _ in zip(found, range(which))][-1]


def handover(name, patch=None, **options):
    words = {key: options.pop(key) for key in list(options)
             if key not in Case.__dataclass_fields__}
    if patch:
        offset, code = patch
        words.update(patch=offset, bytes=int.from_bytes(code, 'little'), len=len(code))
    words.update({key: at(key) for key in ('record', 'nmi_count', 'mce_count', 'idt')})
    test = ' '.join(['handover'] + [f'{key}={value:#x}' for key, value in words.items()])
    options.setdefault('smp', words.get('cpus', 1))
    options.setdefault('memory', '128M')
    return Case(name=f'purgatory: {name}', kernel=KERNEL, test=test, on={'@mce': MCE_CPU0, **POISON},
                **options)


def twin(name, patch, expect, **options):
    return handover(f'twin: {name}', patch=patch, expect=expect, **options)


def not_present(vector):
    """What is said of a gate that is not there. The error code is 8 * vector, IDT, EXT (SDM volume 3,
    "Error Code"); QEMU does not set EXT, and 7.2 has 16 * vector."""
    return tuple(f'fault: vector 11, error {code:#x},'
                 for code in (8 * vector + 3, 8 * vector + 2, 16 * vector + 2))


STORM = dict(cpus=2, mib=64, memory='256M')
VGA = dict(flags=FLAG_CRASH | FLAG_VGA, args=('-vga', 'std'))
FB = dict(flags=FLAG_CRASH | FLAG_FB, fb=0x3000000)
BMC = dict(bmc=0xca2, args=('-device', 'ipmi-bmc-sim,id=bmc0', '-device',
                             'isa-ipmi-kcs,bmc=bmc0'))
# After the reset the kernel begins again, and looks at what the log kept.
BMC_RESET = dict(bmc=0xca2, expect=RESET,
                 args=(*BMC['args'], '-action', 'reboot=reset'))
PARK = dict(cpus=4, park=0x10000, expected=3)
SOME, BSP_UNKNOWN, PAGE_DAMAGED, IDS_DAMAGED = (
    vocabulary.numbers('VERDICT')[name]
    for name in ('SOME', 'BSP_UNKNOWN', 'PAGE_DAMAGED', 'IDS_DAMAGED'))
SKIPPED, MISMATCH = (vocabulary.numbers('DIGEST')[name] for name in ('SKIPPED', 'MISMATCH'))
REGION = 0x4000000              # 4 MiB in two regions, the first of two thirds
SECOND_REGION = REGION + 4 * 1024 * 1024 - 4 * 1024 * 1024 // 3
DIGEST_AT = 0x2000000 + 0xc4    # in the parameters of the blob
POISONED = 'status 0xb500000000000000, address 0x5a5a000'
LARGE_VERIFIED = 'kexec-park: verified 64 MiB, swallowed '
# TCG has these since QEMU 9.0. Bochs runs as much of them as it can: tests/bochs/cases.py.
X2APIC = dict(x2apic=1, cpu='max', newer=True)
SHA_NI = dict(cpu='max', newer=True)
SHA256RNDS2 = b'\x0f\x38\xcb'

CASES = [
    handover('state at the next kernel', late_mces=2,
             serial=('kexec-park: crash hand-over by APIC ID 0, the BSP',
                     'kexec-park: copied 640 KiB of low memory to 0x1000000',
                     'kexec-park: verified 4 MiB, swallowed 0 NMI 0 #MC',
                     'kexec-park: entering 0x')),
    handover('5-level paging', la57=1, cpu='qemu64,+la57', late_mces=2),
    handover('entered with the debug IDT of Linux 6.15', debug_idt=1, latched=2, late_mces=2,
             serial=('swallowed 1 NMI 0 #MC',)),
    handover('loaded above 4 GiB', load=0x140000000, memory='6G', late_mces=2),
    handover('above 4 GiB, 5-level', load=0x140000000, memory='6G', la57=1,
             cpu='qemu64,+la57'),
    handover('astride a 4 GiB line', load=0x1fffff000, memory='10G', late_mces=1),
    handover('NMIs latched', latched=1, serial=('swallowed 0 NMI',)),
    handover('an NMI pending behind the latch', latched=2, serial=('swallowed 1 NMI 0 #MC',)),
    handover('MCIP set on entry', mcip=1, late_mces=1),
    handover('vector instructions forbidden by the old kernel, and after', cr0=CR0_EM_TS),
    handover('digest skipped', flags=FLAG_CRASH | FLAG_SERIAL | FLAG_SKIP, verdict=SKIPPED,
             serial=('digest skipped',)),
    handover('silent unless asked', flags=FLAG_CRASH, no_serial=('kexec-park',)),
    handover('--serial-baud sets the divisor', baud=38400, divisor=3),
    handover('a divisor of more than a byte', baud=300, divisor=384),
    handover('a divisor of less than 1', baud=230400, divisor=1),
    handover('a divisor of more than 16 bits', baud=1, divisor=0xffff),
    handover('no --serial-baud, the divisor stays', divisor=0x123),
    handover('VGA text', vga_row=3, **VGA),
    handover('VGA text, scrolled', vga_row=23, scrolled=3, **VGA),
    handover('VGA text, from the last row', vga_row=24, scrolled=4, **VGA),
    handover('VGA text, a line longer than the screen is wide', vga_row=22, scrolled=3,
             flip=0x54321, policy=BOOT_POLICY, verdict=MISMATCH, where=REGION, **VGA),
    handover('a UART in memory', uart=0x3800000, no_serial=('kexec-park',)),
    handover('a UART in memory, 32 bits wide, its speed set', uart=0x3800000, uart_shift=2,
             baud=9600),
    handover('a UART in memory that stays busy: the boot goes on', uart=0x3800000, lsr=0,
             expect=FAIL, last="the UART's last byte is 0x0"),
    handover('event log of a BMC', **BMC, serial=('entering 0x',)),
    handover('event log, a mismatch, after the reset', flip=0x54321, where=REGION,
             outcome=OUTCOMES['MISMATCH'] + 1, last='PASS', **BMC_RESET),
    handover('event log, a mismatch in the second region', flip=0x3fffff, where=SECOND_REGION,
             outcome=OUTCOMES['MISMATCH'] + 1, last='PASS', **BMC_RESET),
    handover('event log, poison in the digest', mces=1, mcg_status=7, **STORM, where=0x5a5a000,
             outcome=OUTCOMES['MISMATCH'] + 1, last='PASS', **BMC_RESET),
    handover('event log, a fault, after the reset', no_apic_map=1, vector=14,
             outcome=OUTCOMES['FAULT'] + 1, last='PASS', **BMC_RESET),
    handover('event log without a BMC: the boot goes on', bmc=0xca2, expect=FAIL,
             serial=('entering 0x',), last='waited in vain for the BMC'),
    handover('POST codes', flags=FLAG_CRASH | FLAG_POST,
             post=post('ENTRY', 'BEGUN', 'TRAPS', 'BACKUP', 'PARK', 'DIGEST', 'JUMP', 'ENTERED')),
    handover('POST codes of a mismatch', flags=FLAG_CRASH | FLAG_POST, flip=0x54321, expect=RESET,
             last=ENTERED, post=post('ENTRY', 'BEGUN', 'TRAPS', 'BACKUP', 'PARK', 'MISMATCH')),
    handover('POST codes of a fault', flags=FLAG_CRASH | FLAG_POST, no_apic_map=1, expect=RESET,
             last=ENTERED, post=post('ENTRY', 'BEGUN', 'FAULT')),
    handover('POST codes where port 0x80 is not safe: none', flags=FLAG_CRASH, post=()),
    handover('framebuffer, 32 bits', **FB, no_serial=('kexec-park',)),
    handover('framebuffer, 24 bits, an odd line', fb_bytes=3, **FB),
    handover('framebuffer, turned, two pixels a dot', fb_turned=1, fb_scale=2, **FB),
    handover('framebuffer of a VGA', vga_mode=1, args=('-vga', 'std'), **FB),
    handover('framebuffer above 4 GiB', **{**FB, 'fb': 0x140000000}, memory='6G'),
    handover('100 NMIs during the digest', nmis=100, **STORM,
             serial=(LARGE_VERIFIED + '100 NMI 0 #MC', 'entering')),
    handover('5 machine checks during the digest', mces=5, **STORM,
             serial=(LARGE_VERIFIED + '0 NMI 5 #MC', 'entering')),
    handover('both, above 4 GiB, MCIP set', nmis=20, mces=2, mcip=1, load=0x140000000,
             cpus=2, mib=64, memory='6G', serial=(LARGE_VERIFIED + '20 NMI 2 #MC',)),

    handover('poison that the digest reads: reset', mces=1, mcg_status=7, **STORM, expect=RESET,
             last=ENTERED, serial=(f'machine check in the digest: bank 1, {POISONED}\n',
                                   'DIGEST MISMATCH', 'resetting'), no_serial=('entering 0x',)),
    handover('poison that the digest reads: boot', mces=1, mcg_status=7, **STORM,
             policy=BOOT_POLICY, verdict=MISMATCH, where=0x5a5a000, late_mces=1, serial=(
                 f'machine check in the digest: bank 1, {POISONED}\n', 'DIGEST MISMATCH',
                 'entering 0x')),
    handover('poison without an address: where it was read', mces=1, mcg_status=7, no_address=1,
             **STORM, policy=BOOT_POLICY, verdict=MISMATCH, where=REGION,
             serial=('status 0xb100000000000000, address 0x0\n', f'first at or after {REGION:#x} (')),
    handover('no way on from a machine check', mces=1, mcg_status=4, **STORM, expect=RESET,
             last=ENTERED, no_serial=('MISMATCH', 'entering 0x'), serial=(
                 f'machine check: MCG_STATUS 0x4, bank 1, {POISONED}, RIP 0x', 'resetting\n')),
    handover('the bare handler does not return to poison', late_mces=1, late_mcg_status=7,
             expect=RESET, last=ENTERED, serial=('entering 0x',)),
    handover('the bare handler does not return where RIPV is 0', late_mces=1, late_mcg_status=4,
             expect=RESET, last=ENTERED, serial=('entering 0x',)),
    handover('one flipped byte: reset', flip=0x54321, expect=RESET, last=ENTERED,
             serial=('DIGEST MISMATCH', 'resetting'), no_serial=('entering 0x',)),
    handover('one flipped byte, silent otherwise', flip=1, flags=FLAG_CRASH, expect=RESET,
             last=ENTERED, serial=('DIGEST MISMATCH',)),
    handover('one flipped byte: halt, NMIs and machine checks swallowed', flip=0x3fffff,
             policy=HALT_POLICY, cpus=2, serial=('DIGEST MISMATCH', 'halted'),
             no_serial=('entering 0x',)),
    handover('one flipped byte: boot', flip=0x54321, policy=BOOT_POLICY, verdict=MISMATCH,
             where=REGION, serial=(f'DIGEST MISMATCH: the next kernel\'s memory was damaged, first at or '
                                   f'after {REGION:#x} (', 'booting all the same', 'entering 0x')),
    handover('one flipped byte in the second region', flip=0x3fffff, policy=BOOT_POLICY,
             verdict=MISMATCH, where=SECOND_REGION, serial=(f'after {SECOND_REGION:#x} (',)),
    handover('the digest itself is damaged', damaged_digest=4, policy=BOOT_POLICY, verdict=MISMATCH,
             where=DIGEST_AT, serial=(f'after {DIGEST_AT:#x} (',)),

    handover('a register that the CPU lacks', (at('wrmsr_safe', WRMSR), UD2), **PARK,
             serial=('swallowed 0 NMI 0 #MC', 'entering 0x'), no_serial=('fault',)),
    handover('a fault says where it was', no_apic_map=1, expect=RESET, last=ENTERED,
             serial=('kexec-park: fault: vector 14, error 0x0, RIP 0x',
                     'CR2 0xfee00020; resetting')),

    handover('parks three CPUs, before the digest and after the copy', **PARK, serial=(
        'copied 640 KiB', 'parked 3 of 3 CPUs at 0x10000 (hlt)', 'verified 4 MiB', 'entering 0x')),
    handover('parks, 5-level, above 4 GiB', **PARK, load=0x140000000, memory='6G', la57=1,
             cpu='qemu64,+la57'),
    handover('three hand-overs through one page', rounds=3, **PARK),
    handover('init mode', mode=1, **PARK, serial=('parked 3 of 3 CPUs at 0x10000 (init)',)),
    handover('clgi mode', mode=2, cpu='EPYC', **PARK,
             serial=('parked 3 of 3 CPUs at 0x10000 (clgi)',)),
    handover('a listed CPU that is not there', **{**PARK, 'listed': 6}, parked=SOME,
             listed_others=5,
             serial=('parked 3 of 5 CPUs at 0x10000 (hlt), 2 missing, APIC IDs 4 5',)),
    handover('a CPU that nobody listed', **{**PARK, 'listed': 3, 'expected': 2}, arrive=3,
             serial=('parked 3 of 2 CPUs',)),
    handover('not on the BSP, which is left alone', boot_cpu=1, **{**PARK, 'expected': 2},
             serial=('hand-over by APIC ID 1\n', 'parked 2 of 2 CPUs',
                     'left the BSP (APIC ID 0) where it is')),
    handover('not on the BSP, twice, its ID from the page', boot_cpu=1, rounds=2, page_bsp=1,
             **{**PARK, 'expected': 2}),
    handover('not on the BSP, and the page names another', boot_cpu=1, rounds=2, forged_bsp=3,
             **{**PARK, 'expected': 2}),
    handover('told that it is the BSP, which it is not', boot_cpu=1, bsp=1,
             cpus=4, park=0x10000, parked=BSP_UNKNOWN,
             serial=('CPUs not parked: this is not the BSP', 'entering 0x')),
    handover('BSP unknown: no parking, but the boot goes on', boot_cpu=1, bsp=0xffffffff,
             cpus=4, park=0x10000, parked=BSP_UNKNOWN,
             serial=('CPUs not parked: this is not the BSP', 'entering 0x')),
    handover('damaged page: no parking, but the boot goes on', rounds=2, damaged=0x300,
             cpus=4, park=0x10000, parked=PAGE_DAMAGED,
             serial=('CPUs not parked: the park page is damaged', 'entering 0x')),
    handover('damaged page installed anew', rounds=2, damaged=0x300, repair=1, generation=1,
             **PARK),
    handover('damaged image: no parking, but the boot goes on', damaged_image=0x40, cpus=4,
             park=0x10000, parked=PAGE_DAMAGED,
             serial=('CPUs not parked: the park page is damaged', 'verified', 'entering 0x')),
    handover('damaged list of IDs: no parking, but the boot goes on', damaged_ids=2, cpus=4,
             park=0x10000, parked=IDS_DAMAGED, serial=(
                 'CPUs not parked: the list of APIC IDs is damaged', 'verified', 'entering 0x')),
    handover('digest skipped, a damaged list of IDs is seen all the same', damaged_ids=2, cpus=4,
             flags=FLAG_CRASH | FLAG_SERIAL | FLAG_SKIP, verdict=SKIPPED, park=0x10000,
             parked=IDS_DAMAGED, serial=('CPUs not parked: the list of APIC IDs is damaged',)),
    handover('one flipped byte: boots with the CPUs parked', flip=0x54321, policy=BOOT_POLICY,
             verdict=MISMATCH, where=REGION, **PARK, serial=(
                 'parked 3 of 3', 'DIGEST MISMATCH', 'booting all the same', 'entering 0x')),
    twin('INIT to the BSP', None, RESET, boot_cpu=1, bsp=3, last=ENTERED, cpus=4, park=0x10000,
         no_serial=('parked', 'entering 0x')),
    twin('no interprocessor interrupt goes out', (at('apic_send'), RETURN_1), FAIL, **PARK,
         last="the record's parking verdict is 0x2"),

    twin('no IDT, one NMI', (at('purgatory_start', LIDT), NOP7), DIES, last=ENTERED, nmis=1, **STORM,
         no_serial=('fault', 'verified')),
    # Each dies of #NP.
    twin('no NMI gate, one NMI', None, RESET, no_gate=2, nmis=1, last=ENTERED, **STORM,
         serial=(not_present(2),), no_serial=('verified',)),
    twin('no #MC gate, one #MC', None, RESET, no_gate=18, mces=1, last=ENTERED, **STORM,
         serial=(not_present(18),), no_serial=('verified',)),
    twin('clgi asked for, hlt done', None, FAIL, mode=2, cpu='EPYC,-svm', **PARK,
         last='NMIs counted with GIF clear'),
    twin('the screen is not written', None, FAIL, vga_row=3, flags=FLAG_CRASH,
         args=('-vga', 'std'), last='row 3, column 0 of the screen is 0x1f44, must be 0x76b'),
    twin('phases without a POST code', (at('post_phase'), RET), PASS, flags=FLAG_CRASH | FLAG_POST,
         post=post('BEGUN', 'ENTERED')),
    twin('no framebuffer asked for', None, FAIL, **{**FB, 'flags': FLAG_CRASH},
         last="letter 0 on the framebuffer is not 'k'"),
    twin('no baud rate asked for', None, FAIL, divisor=3, last="the UART's divisor is 0x123,"),
    twin('an NMI handler that faults', (at('trap_nmi_count'), UD2), RESET, last=ENTERED,
         nmis=1, **STORM, serial=('fault: vector 6',), no_serial=('verified',)),
    twin('CR4.MCE left 0, one #MC', (at('start', MOV_TO_CR4), NOP3), DIES, last=ENTERED,
         mces=1, **STORM, remark='MCE capability is not enabled'),
    twin('CR4.MCE left 0', (at('start', MOV_TO_CR4), NOP3), FAIL, last='CR4 is 0x20,'),
    twin('CR0.EM left set', (at('digest_matches', MOV_TO_CR0), NOP3), RESET, last=ENTERED,
         cr0=CR0_EM, serial=('fault: vector 6',), no_serial=('verified',)),
    twin('CR0.EM and TS not put back', (at('digest_matches', MOV_TO_CR0, 2), NOP3), FAIL,
         cr0=CR0_EM_TS, last='CR0 is 0x80000011, must be 0x8000001d'),
    twin('CR4.OSFXSR left 0', (at('digest_matches', MOV_TO_CR4), NOP3), RESET, last=ENTERED,
         serial=('fault: vector 6',), no_serial=('verified',)),
    twin('CR4.OSFXSR not put back', (at('digest_matches', MOV_TO_CR4, 2), NOP3), FAIL,
         last='CR4 is 0x260, must be 0x60'),
    twin('MCIP left set on entry, one #MC', (at('start', WRMSR), NOP2), DIES, mcip=1, mces=1,
         last=ENTERED, **STORM, remark='Previous MCE still in progress'),
    twin('MCIP left set on entry', (at('start', WRMSR), NOP2), FAIL, mcip=1,
         last='MCG_STATUS is 0x4,'),
    twin('MCIP left set by the handler, two #MCs', (at('machine_check', WRMSR), NOP2), DIES,
         mces=2, last=ENTERED, **STORM, remark='Previous MCE still in progress'),
    twin('NMIs left latched', (at('enable_nmis'), RET), FAIL, latched=1,
         last="SS of the NMI's frame is 0x0,"),
    twin('nop handler that faults', (at('trap_nop'), UD2), RESET, last=ENTERED,
         serial=('entering 0x', 'fault: vector 6')),
    twin('late #MC handler that leaves MCIP', (at('trap_mce_nop', WRMSR), NOP2), DIES,
         late_mces=2, last=ENTERED, remark='Previous MCE still in progress'),
    twin('counting handlers left in place', (at('idt_arm_nops'), RET), FAIL,
         last="the purgatory's NMI count is 0x2,"),
    twin('APIC left open', (at('apic_mask_lvts'), RET), FAIL, last='LVT LINT1 is 0x400,'),
    twin('no backup', (at('mem_copy'), RET), FAIL, last='the backup is not'),

    handover('parks three CPUs, x2APIC', **X2APIC, **PARK, serial=(
        'parked 3 of 3 CPUs at 0x10000 (hlt)', 'entering 0x')),
    handover('three hand-overs through one page, x2APIC', rounds=3, **X2APIC, **PARK),
    handover('a listed CPU that is not there, x2APIC', **X2APIC, **{**PARK, 'listed': 6},
             parked=SOME, listed_others=5,
             serial=('parked 3 of 5 CPUs at 0x10000 (hlt), 2 missing, APIC IDs 4 5',)),
    handover('not on the BSP, which is left alone, x2APIC', boot_cpu=1, **X2APIC,
             **{**PARK, 'expected': 2},
             serial=('hand-over by APIC ID 1\n', 'parked 2 of 2 CPUs',
                     'left the BSP (APIC ID 0) where it is')),
    handover('both, above 4 GiB, x2APIC', nmis=20, mces=2, late_mces=2, load=0x140000000, cpus=2,
             mib=64, memory='6G', **X2APIC, serial=(LARGE_VERIFIED + '20 NMI 2 #MC',)),
    twin('INIT to the BSP, x2APIC', None, RESET, boot_cpu=1, bsp=3, last=ENTERED, cpus=4,
         park=0x10000, **X2APIC, no_serial=('parked', 'entering 0x')),
    twin('no interprocessor interrupt goes out, x2APIC', (at('apic_send'), RETURN_1), FAIL,
         **X2APIC, **PARK, last="the record's parking verdict is 0x2"),
    handover('SHA-NI, 100 NMIs and 5 machine checks in the digest', nmis=100, mces=5, cr0=CR0_EM_TS,
             **SHA_NI, **STORM, serial=(LARGE_VERIFIED + '100 NMI 5 #MC', 'entering')),
    twin('SHA-NI instruction broken', (at('kp_sha256_ni_pair', SHA256RNDS2), UD2), RESET,
         last=ENTERED, **SHA_NI, serial=('fault: vector 6',), no_serial=('verified',)),
]
