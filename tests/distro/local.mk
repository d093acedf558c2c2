# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tier in Debian's root file system takes minutes, and root to build that once: its own
# target, not part of `make check`.

EXTRA_DIST += \
	tests/distro/cases.py \
	tests/distro/guest.py \
	tests/distro/initramfs.py \
	tests/distro/initramfs/dracut \
	tests/distro/initramfs/initramfs-tools \
	tests/distro/root.py \
	tests/distro/root/after-packages \
	tests/distro/root/before-packages \
	tests/distro/run

.PHONY: check-distro
check-distro: all
	$(top_srcdir)/tests/distro/run --build-dir $(abs_top_builddir)
