# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The built command: run as a shell runs it, and looked at as an ELF file.
CLI_TESTS = \
	tests/cli/attacks \
	tests/cli/command \
	tests/cli/completions \
	tests/cli/exec-nothing \
	tests/cli/faults \
	tests/cli/hardened \
	tests/cli/hypervisors \
	tests/cli/library \
	tests/cli/manners \
	tests/cli/manuals \
	tests/cli/option-files \
	tests/cli/people \
	tests/cli/report \
	tests/cli/vocabulary
dist_check_SCRIPTS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)

EXAMPLES = examples/capture.c examples/flight-record.c examples/load.c examples/plan.c \
	examples/plan.py examples/unload.c

# Built by tests/cli/library, outside of the build; and what that compares the ABI with.
EXTRA_DIST += tests/vocabulary.py $(EXAMPLES) src/libkexec/libkexec.symbols

EXTRA_DIST += tests/lib/attacker.py

# Preloaded by tests/cli/faults.
EXTRA_DIST += tests/cli/inject.c
CLEANFILES += tests/cli/inject.so
check_DATA += tests/cli/inject.so

tests/cli/inject.so: tests/cli/inject.c
	$(AM_V_CC)$(MKDIR_P) tests/cli && $(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARN_CFLAGS) -fPIC \
		-fno-builtin -shared -o $@ $(top_srcdir)/tests/cli/inject.c -ldl
