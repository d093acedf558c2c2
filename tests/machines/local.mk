# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Captured machines and the plans expected on them. A new one: its directory here.

dist_check_SCRIPTS += tests/machines/replay
TESTS += tests/machines/replay
EXTRA_DIST += \
	tests/machines/make-captures \
	tests/machines/make-image \
	tests/machines/200-ranges \
	tests/machines/5-level \
	tests/machines/64-cpus \
	tests/machines/add-efi-memmap \
	tests/machines/bios \
	tests/machines/crashkernel-high \
	tests/machines/no-firmware-map \
	tests/machines/uefi \
	tests/machines/virtio-mem
