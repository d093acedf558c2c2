# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Fuzzing: two seconds a harness in "make check", as long as you like by tests/fuzz/run. A new
# harness: tests/fuzz/fuzz_<name>.c, seeds in make-corpus, nothing here but its source.

dist_check_SCRIPTS += tests/fuzz/run
TESTS += tests/fuzz/run
EXTRA_DIST += \
	tests/fuzz/corpus \
	tests/fuzz/coverage \
	tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/fuzz.mk \
	tests/fuzz/fuzz_bzimage.c \
	tests/fuzz/fuzz_cmdline.c \
	tests/fuzz/fuzz_elf.c \
	tests/fuzz/fuzz_gzip.c \
	tests/fuzz/fuzz_iomem.c \
	tests/fuzz/fuzz_madt.c \
	tests/fuzz/fuzz_memmap.c \
	tests/fuzz/fuzz_options.c \
	tests/fuzz/fuzz_park_page.c \
	tests/fuzz/fuzz_plain.c \
	tests/fuzz/fuzz_plan.c \
	tests/fuzz/fuzz_redact.c \
	tests/fuzz/fuzz_smbios38.c \
	tests/fuzz/fuzz_spcr.c \
	tests/fuzz/fuzz_texts.c \
	tests/fuzz/fuzz_uki.c \
	tests/fuzz/make-corpus \
	tests/fuzz/plan_rules.c \
	tests/fuzz/plan_rules.h \
	tests/fuzz/report-coverage \
	tests/fuzz/cmdline.dict \
	tests/fuzz/iomem.dict \
	tests/fuzz/memmap.dict \
	tests/fuzz/options.dict \
	tests/fuzz/texts.dict \
	tests/analysis/run \
	.clang-tidy \
	SECURITY.md

# Line coverage of the core by the unit tests and the harnesses together.
coverage: all
	top_builddir=$(abs_top_builddir) $(top_srcdir)/tests/fuzz/coverage

# Every static and dynamic checker that is installed, over everything.
analyze: all
	$(top_srcdir)/tests/analysis/run

# The unit tests, and the command as a shell runs it, built with the sanitizers.
check-asan: all
	$(top_srcdir)/tests/analysis/run sanitizers

.PHONY: analyze check-asan coverage

clean-local: clean-fuzz
clean-fuzz:
	rm -rf fuzz coverage analysis
.PHONY: clean-fuzz
