# SPDX-License-Identifier: LGPL-2.1-or-later
#
# debian/, rpm/, and their test, which builds the tree several times over: its own target, not part
# of `make check`.

EXTRA_DIST += \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/kexec-park-kdump.install \
	debian/kexec-park-kdump.lintian-overrides \
	debian/kexec-park-kdump.manpages \
	debian/kexec-park-kdump.prerm \
	debian/kexec-park.docs \
	debian/kexec-park.install \
	debian/kexec-park.manpages \
	debian/libkexec-dev.examples \
	debian/libkexec-dev.install \
	debian/libkexec-dev.manpages \
	debian/libkexec0.install \
	debian/libkexec0.symbols \
	debian/not-installed \
	debian/rules \
	debian/source/format \
	debian/source/lintian-overrides \
	rpm/kexec-park.rpmlintrc \
	rpm/kexec-park.spec \
	tests/packages/build.py \
	tests/packages/run

.PHONY: check-packages
check-packages: all
	$(top_srcdir)/tests/packages/run --build-dir $(abs_top_builddir)
