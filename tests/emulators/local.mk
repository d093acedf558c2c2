# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Newer QEMUs come from Debian's archive, which takes root once, and run whole tiers: a target of
# its own, not part of `make check`.

EXTRA_DIST += \
	tests/emulators/emulators.py \
	tests/emulators/run

.PHONY: check-emulators
check-emulators: all $(PAYLOAD_KERNELS)
	$(top_srcdir)/tests/emulators/run --build-dir $(abs_top_builddir)
