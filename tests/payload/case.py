# SPDX-License-Identifier: LGPL-2.1-or-later
"""One row of a table of payload tests: which kernel, on which machine, and how it must end."""

import dataclasses

# Machine checks by the monitor's "mce [-b] cpu bank status mcg_status addr misc". The status is
# VAL, UC, EN, S; mcg_status is RIPV and MCIP. -b: on every CPU, which QEMU does for Intel only.
MCE_ALL = 'mce -b 0 1 0xb100000000000000 0x5 0 0'
MCE_CPU1 = 'mce 1 1 0xb100000000000000 0x5 0 0'

PASS = 'pass'    # the guest says so
FAIL = 'fail'    # the guest says that the test failed; `last` says how
RESET = 'reset'  # the guest resets the machine, `last` being the last line it printed
DIES = 'dies'    # the same, by a triple fault: QEMU cannot tell the two apart, the row can


@dataclasses.dataclass
class Case:
    name: str            # unique; what is printed and what --only matches
    kernel: str          # file in the build's tests/payload
    test: str            # the guest's command line: test name, then key=value words
    expect: str = PASS
    smp: int = 2
    cpu: str = 'qemu64'
    accel: str = 'tcg'
    memory: str = '64M'
    args: tuple = ()     # more arguments for QEMU
    newer: bool = False  # only a newer QEMU can run it: tests/vm/qemu.py, NEWER
    on: dict = dataclasses.field(default_factory=dict)  # guest line -> monitor command(s)
    last: str = ''       # how the guest's last line begins; for FAIL, after "FAIL: "
    remark: str = ''     # what QEMU or its monitor must say
    serial: tuple = ()   # texts that must appear on the serial port, in this order; one may be a
                         # tuple, of which one must
    no_serial: tuple = ()  # texts that must not
    post: tuple = None   # bytes that port 0x80 must have been given, all of them; None: any
    timeout: int = 60    # seconds
    patience: int = 0    # seconds that the guest may be silent; 0: any
    aloud: bool = False  # what the guest says is printed as it comes
