# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Payload tests under a second emulator.

EXTRA_DIST += tests/bochs/README tests/bochs/boot.S tests/bochs/cases.py
dist_check_SCRIPTS += tests/bochs/run
TESTS += tests/bochs/run
