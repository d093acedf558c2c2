# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of QEMU's gdb stub: as much of the remote serial protocol as single steps need.

Protocol: the GDB manual, appendix "Remote Protocol". Threads are CPUs, numbered from 1.
"""

import re

# Numbers of registers in QEMU's own target description (gdb-xml/i386-64bit.xml), the same in
# whatever mode the CPU is.
RIP, CR4 = 16, 30

RF_BYTE = RIP * 8 + 8 + 2  # in all of them: EFLAGS is next to RIP, RF its bit 16

STEP_TAKES_INTERRUPTS = 1  # SSTEP_ENABLE without NOIRQ and NOTIMER, which are the default


STEPS_SPENT = 8  # INIT, two SIPIs and a poll of the local APIC, and as many to spare


class Gone(Exception):
    """The machine has ended."""


class Stuck(Exception):
    """A CPU does not come on."""


class Stub:
    def __init__(self, connection, timeout=60):
        self.socket = connection
        self.socket.settimeout(timeout)
        self.pending = b''
        self.selected = None
        self.ask('qXfer:features:read:target.xml:0,ffb')  # QEMU reads single registers after that
        self.ask(f'Qqemu.sstep={STEP_TAKES_INTERRUPTS:x}')

    def close(self):
        self.socket.close()

    def ask(self, packet):
        self._send(packet)
        return self._receive()

    def _send(self, packet):
        body = packet.encode()
        self._put(b'$%s#%02x' % (body, sum(body) & 0xff))

    def _put(self, data):
        try:
            self.socket.sendall(data)
        except ConnectionError as gone:
            raise Gone from gone

    def _receive(self):
        while True:
            found = re.search(rb'\$([^#]*)#..', self.pending)
            if found:
                self.pending = self.pending[found.end():]
                self._put(b'+')
                return found.group(1).decode()
            try:
                more = self.socket.recv(65536)
            except ConnectionError as gone:
                raise Gone from gone
            if not more:
                raise Gone
            self.pending += more

    def _command(self, packet):
        answer = self.ask(packet)
        if answer != 'OK':
            raise RuntimeError(f'the gdb stub answered "{answer}" to "{packet}"')

    def break_at(self, address):
        """Stops before the instruction at a linear address, on any CPU. One that stands there has
        to step before it goes on."""
        self._command(f'Z1,{address:x},1')

    def clear_break(self, address):
        self._command(f'z1,{address:x},1')

    def go(self):
        """Run all CPUs until one stops; its thread. Gone when the machine ends instead."""
        return self._resume('vCont;c')

    def step(self, thread=1, others=False):
        """One instruction of one CPU, or its entry into an exception. The others stand still, or
        run meanwhile."""
        return self._resume(f'vCont;s:{thread:x}' + (';c' if others else ''))

    def advance(self, thread=1):
        """As step(), for an instruction that moves RIP. QEMU counts it as a step, too, when it only
        serves a request to the CPU, such as the second SIPI of two (target/i386/tcg/sysemu,
        x86_cpu_exec_interrupt): such a one is taken again. Gives the new RIP."""
        before = self.register(RIP, thread)
        for _ in range(STEPS_SPENT):
            self.step(thread)
            if (at := self.register(RIP, thread)) != before:
                return at
        raise Stuck(f'CPU {thread} stays at {before:#x} for {STEPS_SPENT} steps')

    def _resume(self, packet):
        stop = self.ask(packet)
        if stop[0] in 'WX':
            raise Gone
        found = re.search('thread:([0-9a-f]+)', stop)
        return int(found.group(1), 16) if found else None

    def _select(self, thread):
        if thread != self.selected:
            self._command(f'Hg{thread:x}')
            self.selected = thread

    def register(self, number, thread=1):
        self._select(thread)
        return int.from_bytes(bytes.fromhex(self.ask(f'p{number:x}')), 'little')

    def all_registers(self, thread=1):
        """Every register, vector and floating-point ones too, to compare; but for EFLAGS.RF. A #MC
        or an NMI may push it as 1 (SDM volume 3, "Instruction-Breakpoint Exception Condition",
        leaves it as it was; QEMU 10 sets it), and IRET brings it back for one instruction."""
        self._select(thread)
        registers = bytearray.fromhex(self.ask('g').replace('x', '0'))
        registers[RF_BYTE] &= ~1
        return registers

    def read(self, address, size):
        """Physical memory."""
        self._command('Qqemu.PhyMemMode:1')
        return bytes.fromhex(self.ask(f'm{address:x},{size:x}'))

    def read_u32(self, address):
        return int.from_bytes(self.read(address, 4), 'little')

    def write(self, address, data):
        """Physical memory; a device's registers too."""
        self._command('Qqemu.PhyMemMode:1')
        self._command(f'M{address:x},{len(data):x}:{data.hex()}')
