#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plan a crash kernel for a machine that `kexec-park --capture=DIR' recorded, and print the plan.

    ./plan.py DIR KERNEL [INITRD]...
"""

import ctypes
import sys

LIBRARY = ctypes.CDLL("libkexec.so.0")
CRASH, PARK_TRY = 1, 3


def function(name, result, *arguments):
    found = getattr(LIBRARY, "libkexec_" + name)
    found.restype, found.argtypes = result, arguments
    return found


POINTER, TEXT, SIZE, U64 = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64
new = function("new", POINTER)
error_text = function("error_text", TEXT, POINTER)
warning = function("warning", TEXT, POINTER, SIZE)
machine_read = function("machine_read", POINTER, POINTER, TEXT)
request_new = function("request_new", POINTER, ctypes.c_int, TEXT)
add_initrd = function("request_add_initrd", None, POINTER, TEXT)
set_cmdline = function("request_set_cmdline", None, POINTER, TEXT)
set_park = function("request_set_park", None, POINTER, ctypes.c_int)
plan_new = function("plan_new", POINTER, POINTER, POINTER, POINTER)
cmdline = function("plan_cmdline", TEXT, POINTER)
segments = function("plan_segments", SIZE, POINTER)
segment_name = function("plan_segment_name", TEXT, POINTER, SIZE)
segment_start = function("plan_segment_start", U64, POINTER, SIZE)
segment_last = function("plan_segment_last", U64, POINTER, SIZE)
segment_bytes = function("plan_segment_bytes", U64, POINTER, SIZE)


def main(root, kernel, *initrds):
    kx = new()
    request = request_new(CRASH, kernel.encode())
    for path in initrds:
        add_initrd(request, path.encode())
    set_cmdline(request, b"maxcpus=1 reset_devices")
    set_park(request, PARK_TRY)
    plan = plan_new(kx, machine_read(kx, root.encode()), request)
    if not plan:
        sys.exit(error_text(kx).decode())
    print("command line:", cmdline(plan).decode())
    for i in range(segments(plan)):
        print(f"{segment_name(plan, i).decode():12} {segment_start(plan, i):#x} to "
              f"{segment_last(plan, i):#x}, {segment_bytes(plan, i)} bytes")
    i = 0
    while warning(kx, i):
        print("warning:", warning(kx, i).decode())
        i += 1


if len(sys.argv) < 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
