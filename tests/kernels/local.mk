# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tier that boots Debian's kernels, old and new, takes minutes: its own target, not part of
# `make check`. What it trusts and how it judges is tested there.

dist_check_SCRIPTS += tests/kernels/selftest
TESTS += tests/kernels/selftest

EXTRA_DIST += \
	tests/kernels/archive.py \
	tests/kernels/hops.py \
	tests/kernels/kernels.py \
	tests/kernels/matrix \
	tests/kernels/matrix.py \
	tests/kernels/run

.PHONY: check-kernels
check-kernels: all
	$(top_srcdir)/tests/kernels/run --build-dir $(abs_top_builddir)
