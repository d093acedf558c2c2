# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds on other distributions take an hour, and root to make the file systems: their own target, not
# part of `make check`.

EXTRA_DIST += \
	tests/distributions/build \
	tests/distributions/enter \
	tests/distributions/roots.py \
	tests/distributions/rows.py \
	tests/distributions/run

.PHONY: check-distributions
check-distributions:
	$(top_srcdir)/tests/distributions/run --build-dir $(abs_top_builddir)
