# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The built command: run as a shell runs it, and looked at as an ELF file.
CLI_TESTS = tests/cli/command tests/cli/hardened
dist_check_SCRIPTS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
