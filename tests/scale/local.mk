# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What plans and parking cost as machines grow: small ones in "make check", all in "make scale".

scale_tests = tests/scale/run tests/scale/parking
dist_check_SCRIPTS += $(scale_tests)
TESTS += $(scale_tests)
EXTRA_DIST += tests/scale/compose.py

.PHONY: scale
scale: all tests/payload/purgatory_test.elf
	$(top_srcdir)/tests/scale/run --soak --build-dir $(abs_top_builddir)
	$(top_srcdir)/tests/scale/parking --soak --build-dir $(abs_top_builddir)
