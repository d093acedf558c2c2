# SPDX-License-Identifier: LGPL-2.1-or-later
#
# debian/, rpm/, and their test, which builds the tree several times over: its own target, not part
# of `make check`.

EXTRA_DIST += \
	debian \
	rpm \
	tests/packages/build.py \
	tests/packages/run

.PHONY: check-packages
check-packages: all
	$(top_srcdir)/tests/packages/run --build-dir $(abs_top_builddir)
