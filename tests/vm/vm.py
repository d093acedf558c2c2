# SPDX-License-Identifier: LGPL-2.1-or-later
"""One QEMU guest: started paused, driven by QMP and a command channel on its second UART.

Every wait is bounded. -no-reboot turns a reset into the SHUTDOWN event: that is how a guest dies.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import qemu

DEFAULT_CPU = f"{qemu.INTEL},la57=off"     # 4-level paging unless a case asks
# Built with SMM, whose variables start empty: no key is enrolled, so nothing is locked down.
OVMF_SMM = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"

# Every bound of a wait is that of an idle host; this many times as long on a busy one.
PATIENCE = float(os.environ.get("KEXEC_PARK_PATIENCE", "1"))

DISK_BYTES = 8 << 20
QEMU_ENDED = "QEMU ended"

CR0_PG = 1 << 31
CR4_PGE = 1 << 7
EFLAGS_IF = 1 << 9
UPPER_HALF = 1 << 63
PAGE = ~0xfff

# Since Linux 6.15 the kernel hands over with an interrupt table of its own (relocate_kernel_64.S,
# kexec_debug_idt): 16 gates, whose code prints to an early console and ends in HLT for ever.
DEBUG_IDT_LIMIT = 16 * 16 - 1
WATCH_SECONDS = 2       # between two looks at a CPU that seems to hang


class Died(Exception):
    """The guest reset: a triple fault, or a kernel that gave up."""


class Hung(Died):
    """The CPU that carries the hand-over halted for good: no reset comes, and no kernel either."""


class Broken(Exception):
    """The emulator failed, not the guest: nothing is known about what was tested."""


class Failed(Exception):
    """What a step waited for did not come, or was wrong."""


class Refused(Failed):
    """The emulator would not do what it was told, and says why: no attack took place."""


def in_relocate_kernel(state):
    """The hand-over code of Linux 6.15 or later, or one of its handlers: it runs in the page that has
    its IDT. A stock purgatory keeps that IDT, and runs elsewhere; ours has a larger one."""
    return (state["idt_limit"] == DEBUG_IDT_LIMIT
            and state["ip"] & PAGE == state["idt"] & PAGE)


def in_purgatory(state):
    """Linux never clears CR4.PGE and lives in the upper half. Its hand-over code has an empty GDT up
    to 6.14, and from 6.15 on one as small as a purgatory's."""
    return (not state["halted"] and state["cpl"] == 0 and state["ip"] < UPPER_HALF
            and state["cr0"] & CR0_PG != 0 and not state["cr4"] & CR4_PGE
            and 0 < state["gdt_limit"] < 0x100 and not in_relocate_kernel(state))


def halts_for_good(state):
    """HLT with interrupts off, outside of Linux, which lives in the upper half."""
    return state["halted"] and not state["eflags"] & EFLAGS_IF and state["ip"] < UPPER_HALF


def lines_of(link):
    """The lines that come through a socket, until it is closed at either end."""
    try:
        for line in link.makefile("r", encoding="utf-8", errors="replace"):
            yield line.rstrip("\r\n")
    except OSError:
        return


class Guest:
    def __init__(self, folder, kit, machine):
        self.folder, self.kit = folder, kit
        self.nmis = self.mces = 0       # sent by the host
        self.boot_cpu = 0               # QEMU's number of the CPU that carries the hand-over
        self._news = threading.Condition()
        self._replies = []
        self._lines = []                # of the command channel, not yet read
        self._dead = None
        self._late = None
        self._greeted = False           # has any kernel come up
        self._qmp_lock = threading.Lock()
        os.makedirs(os.path.join(folder, "out"), exist_ok=True)
        self._console = os.path.join(folder, "console.log")
        self._start = time.monotonic()
        self._channel_log = open(os.path.join(folder, "channel.log"), "w", encoding="utf-8")
        self._steps_log = open(os.path.join(folder, "steps.log"), "w", encoding="utf-8")
        self._process = subprocess.Popen(
            self._command(kit, machine), stdin=subprocess.DEVNULL,
            stdout=open(os.path.join(folder, "qemu.log"), "w", encoding="utf-8"),
            stderr=subprocess.STDOUT, cwd=folder)
        self._qmp = self._connect("qmp")
        self._channel = self._connect("channel")
        self._readers = [threading.Thread(target=each, daemon=True)
                         for each in (self._read_qmp, self._read_channel)]
        for reader in self._readers:
            reader.start()
        self.qmp("qmp_capabilities")
        self.qmp("cont")

    def _command(self, kit, machine):
        def unix(name):     # relative to the folder: sun_path is short
            return f"unix:{name},server=on,wait=off"

        def share(tag, path, extra=""):
            return ("-virtfs", f"local,path={path},mount_tag={tag},security_model=none,"
                               f"multidevs=remap{extra}")
        command = [qemu.program(), "-S", "-no-reboot", "-no-shutdown", "-nodefaults",
                   "-display", "none", "-vga", "std", "-accel", "tcg", "-machine", "q35",
                   "-cpu", machine.cpu or DEFAULT_CPU, "-smp", str(machine.cpus),
                   "-m", str(machine.mib), "-qmp", unix("qmp"),
                   "-serial", f"file:{self._console}", "-serial", unix("channel"),
                   *share("kit", kit.root, ",readonly=on"),
                   *share("out", os.path.join(self.folder, "out")),
                   "-kernel", kit.path("vmlinuz.old"), "-initrd", kit.path("initrd"),
                   "-append", machine.cmdline, *machine.devices]
        if machine.uefi:
            code, empty = qemu.ovmf()
            variables = os.path.join(self.folder, "vars.fd")
            shutil.copyfile(empty, variables)
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
                        "-drive", f"if=pflash,format=raw,file={variables}"]
        if machine.smm:
            variables = os.path.join(self.folder, "vars.fd")
            shutil.copyfile(OVMF_SMM.replace("CODE", "VARS").replace(".secboot", ""), variables)
            command += ["-machine", "q35,smm=on",
                        "-global", "driver=cfi.pflash01,property=secure,value=on",
                        "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF_SMM}",
                        "-drive", f"if=pflash,format=raw,file={variables}"]
        if machine.disk:
            disk = os.path.join(self.folder, "disk")
            with open(disk, "wb") as out:   # a boot sector: disk signature, partition-table magic
                out.write(bytes(0x1b8) + b"park" + bytes(0x42) + b"\x55\xaa")
                out.truncate(DISK_BYTES)
            command += ["-drive", f"if=ide,format=raw,file={disk}"]
        return command

    def _connect(self, name):
        """To a socket that QEMU is about to make in the folder; by /proc/self/fd, as sun_path is
        short."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            deadline = time.monotonic() + 20
            while True:
                link = socket.socket(socket.AF_UNIX)
                try:
                    link.connect(f"/proc/self/fd/{folder}/{name}")
                    return link
                except OSError:
                    link.close()
                    if self._process.poll() is not None or time.monotonic() > deadline:
                        raise Failed("QEMU did not start: see qemu.log") from None
                    time.sleep(0.05)
        finally:
            os.close(folder)

    def _read_qmp(self):
        for line in lines_of(self._qmp):
            message = json.loads(line)
            with self._news:
                if message.get("event") == "SHUTDOWN":
                    self._dead = message["data"].get("reason", "unknown")
                elif "return" in message or "error" in message:
                    self._replies.append(message)
                self._news.notify_all()
        self._gone(QEMU_ENDED)

    def _read_channel(self):
        for line in lines_of(self._channel):
            with self._news:
                self._channel_log.write(f"{line}\n")
                self._lines.append(line)
                self._news.notify_all()

    def expire(self, why):
        """The test took too long: whatever waits, fails."""
        self._late = why
        self._gone(why)

    def _gone(self, why):
        with self._news:
            self._dead = self._dead or why
            self._news.notify_all()

    def wait(self, what, ready, timeout, look=lambda: None):
        """Until ready() is not None, and return that; Died or Failed otherwise. look() is called now
        and then, and may raise too."""
        timeout *= PATIENCE
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                found = ready()
                if found is not None:
                    return found
                if self._late:
                    raise Failed(f"{self._late}, while waiting for {what}")
                if self._dead:
                    self._raise_dead(f"while waiting for {what}")
                left = deadline - time.monotonic()
                if left <= 0:
                    self._raise_late(f"no {what} within {timeout} s")
                self._news.wait(min(left, 0.1))
            look()

    def _raise_dead(self, when):
        """With -no-shutdown QEMU outlives every reset: if it is gone, it crashed or was killed."""
        if self._dead == QEMU_ENDED:
            raise Broken(f"QEMU itself ended {when}")
        raise Died(f"reset ({self._dead}) {when}")

    def _raise_late(self, why):
        """TCG now and then loses a CPU that patches its own text, and Linux says so."""
        if "BUG: soft lockup" in self.console():
            raise Broken(f"{why}: a CPU of the guest made no progress (soft lockup)")
        raise Failed(why)

    # The monitor.

    def qmp(self, execute, **arguments):
        with self._qmp_lock:
            try:
                self._qmp.sendall(json.dumps(
                    {"execute": execute, "arguments": arguments}).encode() + b"\n")
            except OSError:
                raise Broken(f"QEMU itself ended before {execute}") from None
            deadline = time.monotonic() + 20
            with self._news:
                while not self._replies:
                    if self._dead == QEMU_ENDED or time.monotonic() > deadline:
                        raise Broken(f"no answer to {execute}")
                    self._news.wait(0.1)
                reply = self._replies.pop(0)
        if "error" in reply:
            raise Refused(f"{execute}: {reply['error']['desc']}")
        return reply["return"]

    def hmp(self, line):
        return self.qmp("human-monitor-command", **{"command-line": line})

    def nmi(self):
        """One NMI by the NMI line: it reaches the CPUs whose LINT1 is open, as an NMI button."""
        self.alive("an NMI")
        self.qmp("inject-nmi")
        self.nmis += 1

    def mce(self, cpu, broadcast):
        """One machine check, with @cpu as its source; broadcast reaches every other CPU too."""
        self.alive("a machine check")
        status = "0xb100000000000000"   # VAL, UC, EN, S: logged, not fatal to a healthy kernel
        command = f"mce {'-b ' if broadcast else ''}{cpu} 1 {status} 0x5 0 0"
        refusal = qemu.refusal(self.hmp(command))
        if refusal:
            raise Refused(f"no machine check: QEMU's answer to '{command}' is '{refusal}'")
        self.mces += 1

    def alive(self, before):
        if self._late:
            raise Failed(f"{self._late}, before {before}")
        if self._dead:
            self._raise_dead(f"before {before}")

    def registers(self):
        """A dict per CPU of what `info registers` shows and the tests look at."""
        cpus = []
        for text in self.hmp("info registers -a").split("CPU#")[1:]:
            def number(pattern):
                return int(re.search(pattern, text).group(1), 16)
            cpus.append({
                "ip": number(r"[RE]IP=([0-9a-f]+)"), "cpl": number(r"CPL=(\d)"),
                "halted": number(r"HLT=(\d)") == 1,
                "eflags": number(r"[RE]FL=([0-9a-f]+)"),
                "cr0": number(r"CR0=([0-9a-f]+)"), "cr4": number(r"CR4=([0-9a-f]+)"),
                "gdt_limit": number(r"GDT=\s+[0-9a-f]+ ([0-9a-f]+)"),
                "idt": number(r"IDT=\s+([0-9a-f]+)"),
                "idt_limit": number(r"IDT=\s+[0-9a-f]+ ([0-9a-f]+)")})
        return cpus

    def cpu_in_purgatory(self):
        """Which CPU runs a purgatory, or None."""
        return next((cpu for cpu, state in enumerate(self.registers()) if in_purgatory(state)), None)

    def _hang_watch(self):
        """A look() for wait(): Hung, if the CPU that carries the hand-over halts twice at one place."""
        last, due = None, time.monotonic()

        def look():
            nonlocal last, due
            if time.monotonic() < due:
                return
            due = time.monotonic() + WATCH_SECONDS
            state = self.registers()[self.boot_cpu]
            now = state["ip"] if halts_for_good(state) else None
            if now is not None and now == last:
                where = " in the handlers of relocate_kernel" if in_relocate_kernel(state) else ""
                raise Hung(f"hung: CPU {self.boot_cpu} halts with interrupts off{where}, at {now:#x} "
                           f"(IDT limit {state['idt_limit']:#x})")
            last = now
        return look

    def memory(self, phys, size):
        """Bytes of physical memory, read from outside of the guest."""
        name = os.path.join(self.folder, "memory")
        self.qmp("pmemsave", val=phys, size=size, filename=name)
        with open(name, "rb") as data:
            return data.read()

    # The guest.

    def send(self, command):
        self._channel.sendall(command.encode() + b"\n")

    def up(self, timeout):
        """The kind of the next kernel to greet us: "normal" or "crash". The first is QEMU's to boot:
        neither tool has run."""
        def greeting():
            while self._lines:
                line = self._lines.pop(0)
                if "@up " in line:
                    return line.split("@up ")[1]
            return None
        try:
            kind = self.wait("greeting of a kernel", greeting, timeout,
                             self._hang_watch() if self._greeted else lambda: None)
        except (Died, Failed) as why:
            if self._greeted or self._late:
                raise
            raise Broken(f"the first kernel: {why}") from None
        self._greeted = True
        return kind

    def run(self, command, timeout):
        """A shell command in the guest. -> (status, output lines)"""
        output = []

        def done():
            while self._lines:
                line = self._lines.pop(0)
                if line.startswith("@done "):
                    return int(line.split()[1])
                if line.startswith("@up "):
                    raise Failed(f"a new kernel came up during: {command}")
                output.append(line)
            return None
        self.send(command)
        return self.wait(f"end of: {command}", done, timeout), output

    def note(self, text):
        """A line with the time into steps.log."""
        self._steps_log.write(f"{time.monotonic() - self._start:7.2f} s  {text}\n")
        self._steps_log.flush()

    def console(self):
        try:
            with open(self._console, encoding="utf-8", errors="replace") as text:
                return text.read()
        except FileNotFoundError:
            return ""

    def close(self):
        """The guest is thrown away, whatever it does. Its last state is kept for the log."""
        try:
            if self._process.poll() is None:
                with open(os.path.join(self.folder, "registers.log"), "w",
                          encoding="utf-8") as out:
                    out.write(self.hmp("info registers -a"))
        except (Broken, Died, Failed, OSError):
            pass
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for link in (self._qmp, self._channel, self._channel_log, self._steps_log):
            link.close()
