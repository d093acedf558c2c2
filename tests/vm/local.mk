# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The VM tier boots whole kernels and takes minutes: its own target, not part of `make check`.

EXTRA_DIST += \
	tests/hardware/collect \
	demo \
	tests/install.sh \
	tests/vm/cases.py \
	tests/vm/cpio.py \
	tests/vm/debian.py \
	tests/vm/elfcore.py \
	tests/vm/guest/init \
	tests/vm/guest/serve \
	tests/vm/kit.py \
	tests/vm/qemu.py \
	tests/vm/run \
	tests/vm/steps.py \
	tests/vm/story \
	tests/vm/trial.py \
	tests/vm/vm.py

.PHONY: check-vm
check-vm: all
	$(top_srcdir)/tests/vm/run --build-dir $(abs_top_builddir)
