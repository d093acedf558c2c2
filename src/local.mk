# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The floors F1 to F5. A new .c: one line in its list, and its .h in noinst_HEADERS.

noinst_LTLIBRARIES += libkpbase.la libkpcore.la libkplinux.la libkpcommand.la

# F1: no dependency but libc.
libkpbase_la_CPPFLAGS = $(FLOOR_BASE)
libkpbase_la_SOURCES = \
	src/libkexec/base/arena.c \
	src/libkexec/base/digest.c \
	src/libkexec/base/error.c \
	src/libkexec/base/range.c \
	src/libkexec/base/sha256.c \
	src/libkexec/base/sha256_ni.S \
	src/libkexec/base/sha256_x4.c \
	src/libkexec/base/view.c

# F2: pure. tests/unit/floors holds it to that.
libkpcore_la_CPPFLAGS = $(FLOOR_CORE) $(LIBELF_CFLAGS)
libkpcore_la_SOURCES = \
	src/libkexec/core/boot_nodes.c \
	src/libkexec/core/bzimage.c \
	src/libkexec/core/cmdline.c \
	src/libkexec/core/confidential.c \
	src/libkexec/core/consoles.c \
	src/libkexec/core/cpuinfo.c \
	src/libkexec/core/cpulist.c \
	src/libkexec/core/e820.c \
	src/libkexec/core/elf.c \
	src/libkexec/core/elfcorehdr.c \
	src/libkexec/core/facts.c \
	src/libkexec/core/firmware.c \
	src/libkexec/core/image.c \
	src/libkexec/core/iomem.c \
	src/libkexec/core/kcore.c \
	src/libkexec/core/layout.c \
	src/libkexec/core/grades.c \
	src/libkexec/core/hubs.c \
	src/libkexec/core/madt.c \
	src/libkexec/core/memmap.c \
	src/libkexec/core/memory.c \
	src/libkexec/core/pagetable.c \
	src/libkexec/core/pe.c \
	src/libkexec/core/park_image.c \
	src/libkexec/core/park_place.c \
	src/libkexec/core/park_record.c \
	src/libkexec/core/plan.c \
	src/libkexec/core/plan_check.c \
	src/libkexec/core/purgatory_image.c \
	src/libkexec/core/purgatory_tables.c \
	src/libkexec/core/smbios38.c \
	src/libkexec/core/sme.c \
	src/libkexec/core/spcr.c \
	src/libkexec/core/text.c \
	src/libkexec/core/uki.c \
	src/libkexec/core/warnings.c \
	src/libkexec/core/xen.c \
	src/libkexec/core/zeropage.c

# Of libc alone, for the edges, the command and the guard: each is built with it.
COMMON = src/common/private_dir.c
FLOOR_COMMON = -I$(top_srcdir)/src/common

# F3: the edges. blobs.S takes the two blobs in by .incbin, which make cannot see.
libkplinux_la_CPPFLAGS = $(FLOOR_LINUX) $(FLOOR_COMMON) $(ZLIB_CFLAGS) $(LZMA_CFLAGS) $(ZSTD_CFLAGS)
libkplinux_la_SOURCES = $(COMMON) \
	src/libkexec/linux/blobs.S \
	src/libkexec/linux/capture.c \
	src/libkexec/linux/devmem.c \
	src/libkexec/linux/file.c \
	src/libkexec/linux/machine_cpus.c \
	src/libkexec/linux/machine_crash.c \
	src/libkexec/linux/machine_firmware.c \
	src/libkexec/linux/machine_kernel.c \
	src/libkexec/linux/machine_linux.c \
	src/libkexec/linux/machine_memory.c \
	src/libkexec/linux/memfd.c \
	src/libkexec/linux/reader.c \
	src/libkexec/linux/root.c \
	src/libkexec/linux/source.c \
	src/libkexec/linux/submit.c \
	src/libkexec/linux/tsc.c \
	src/libkexec/linux/unpack.c \
	src/libkexec/linux/unpacked.c

# F4: a load from its files to the system call, all floors below in it.
noinst_LTLIBRARIES += libkpload.la
libkpload_la_CPPFLAGS = $(FLOOR_LIBRARY)
libkpload_la_SOURCES = src/libkexec/load.c
libkpload_la_LIBADD = libkplinux.la libkpcore.la libkpbase.la $(LIBELF_LIBS) $(UNPACK_LIBS)

# What other programs link. libkexec.map names what it exports.
lib_LTLIBRARIES += libkexec.la
libkexec_la_CPPFLAGS = $(FLOOR_LIBRARY)
libkexec_la_SOURCES = src/libkexec/libkexec.c
libkexec_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -Wl,-z,defs -version-info 0:0:0 \
	-Wl,--version-script=$(top_srcdir)/src/libkexec/libkexec.map
libkexec_la_LIBADD = libkpload.la
libkexec_la_DEPENDENCIES = libkpload.la $(top_srcdir)/src/libkexec/libkexec.map

# F5: the command. It links the floors themselves: what boots in an initramfs is one file, an upgrade
# of libkexec.so does not change what a tested command loads, and the API promises only what others
# need. Of their headers it sees load.h, whose objects are opaque, and abi/.
libkpcommand_la_CPPFLAGS = $(FLOOR_COMMAND) $(FLOOR_COMMON)
libkpcommand_la_SOURCES = $(COMMON) \
	src/kexec-park/errors.c \
	src/kexec-park/help.c \
	src/kexec-park/option_conditions.c \
	src/kexec-park/option_parse.c \
	src/kexec-park/option_rules.c \
	src/kexec-park/option_setters.c \
	src/kexec-park/option_table.c \
	src/kexec-park/option_values.c \
	src/kexec-park/park_status.c \
	src/kexec-park/plan_draw.c \
	src/kexec-park/plan_json.c \
	src/kexec-park/plan_picture.c \
	src/kexec-park/plan_svg.c \
	src/kexec-park/plan_text.c \
	src/kexec-park/plan_words.c \
	src/kexec-park/redact.c \
	src/kexec-park/say.c

# Prints the files that are made from the table of options. They are kept in the tree, so that a
# build runs no program of its own and a change of the table shows in them.
check_PROGRAMS += src/kexec-park/option-files
src_kexec_park_option_files_CPPFLAGS = $(FLOOR_COMMAND)
src_kexec_park_option_files_SOURCES = src/kexec-park/option_files.c
src_kexec_park_option_files_LDADD = libkpcommand.la $(JANSSON_LIBS)

option-files: src/kexec-park/option-files
	top_builddir=. $(top_srcdir)/tests/cli/option-files --write
.PHONY: option-files

sbin_PROGRAMS += kexec-park
kexec_park_CPPFLAGS = $(FLOOR_COMMAND) $(FLOOR_COMMON)
kexec_park_SOURCES = \
	src/kexec-park/action_boot.c \
	src/kexec-park/action_load.c \
	src/kexec-park/action_output.c \
	src/kexec-park/actions.c \
	src/kexec-park/cut_short.c \
	src/kexec-park/main.c \
	src/kexec-park/network.c \
	src/kexec-park/output.c \
	src/kexec-park/progress.c \
	src/kexec-park/report.c \
	src/kexec-park/report_collect.c \
	src/kexec-park/report_contents.c \
	src/kexec-park/report_pack.c \
	src/kexec-park/report_parts.c \
	src/kexec-park/report_redact.c \
	src/kexec-park/terminal.c
kexec_park_LDADD = libkpcommand.la libkpload.la $(JANSSON_LIBS) $(PTHREAD_LIBS)
kexec_park_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
if STATIC_TOOL
kexec_park_LDFLAGS += -static-libtool-libs
endif

# What the scripts of kdump cannot do in a shell.
pkglibexec_PROGRAMS = kexec-park-guard
kexec_park_guard_SOURCES = $(COMMON) src/kexec-park-guard/guard.c
kexec_park_guard_CPPFLAGS = $(FLOOR_COMMON)
kexec_park_guard_LDADD =
kexec_park_guard_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)

# To take the place of kexec-tools.
if KEXEC_SYMLINK
install-exec-hook:
	$(LN_S) -f kexec-park '$(DESTDIR)$(sbindir)/kexec'

uninstall-hook:
	rm -f '$(DESTDIR)$(sbindir)/kexec'
endif

# Behind a variable: automake drops its own rule for a target that it sees here.
BLOBS_OBJECT = src/libkexec/linux/libkplinux_la-blobs.lo
$(BLOBS_OBJECT): purgatory/purgatory.bin trampoline/park_page.bin

# Headers that are not installed.
noinst_HEADERS += \
	abi/abi_at.h \
	abi/kexec_types.h \
	abi/park_page.h \
	abi/purgatory_params.h \
	abi/vocabulary.h \
	abi/x86.h \
	src/common/private_dir.h \
	src/libkexec/base/arena.h \
	src/libkexec/base/digest.h \
	src/libkexec/base/error.h \
	src/libkexec/base/range.h \
	src/libkexec/base/sha256.h \
	src/libkexec/base/sha256_rounds.h \
	src/libkexec/base/view.h \
	src/libkexec/core/boot_nodes.h \
	src/libkexec/core/bootparam.h \
	src/libkexec/core/cmdline.h \
	src/libkexec/core/confidential.h \
	src/libkexec/core/consoles.h \
	src/libkexec/core/cpuinfo.h \
	src/libkexec/core/cpulist.h \
	src/libkexec/core/e820.h \
	src/libkexec/core/elfcorehdr.h \
	src/libkexec/core/facts.h \
	src/libkexec/core/firmware.h \
	src/libkexec/core/image.h \
	src/libkexec/core/iomem.h \
	src/libkexec/core/kcore.h \
	src/libkexec/core/layout.h \
	src/libkexec/core/machine.h \
	src/libkexec/core/grades.h \
	src/libkexec/core/hubs.h \
	src/libkexec/core/madt.h \
	src/libkexec/core/memmap.h \
	src/libkexec/core/memory.h \
	src/libkexec/core/pagetable.h \
	src/libkexec/core/pe.h \
	src/libkexec/core/park_image.h \
	src/libkexec/core/park_place.h \
	src/libkexec/core/park_record.h \
	src/libkexec/core/plan.h \
	src/libkexec/core/purgatory_image.h \
	src/libkexec/core/purgatory_tables.h \
	src/libkexec/core/smbios38.h \
	src/libkexec/core/sme.h \
	src/libkexec/core/spcr.h \
	src/libkexec/core/text.h \
	src/libkexec/core/uki.h \
	src/libkexec/core/xen.h \
	src/libkexec/core/warnings.h \
	src/libkexec/core/zeropage.h \
	src/libkexec/linux/blobs.h \
	src/libkexec/linux/capture.h \
	src/libkexec/linux/devmem.h \
	src/libkexec/linux/file.h \
	src/libkexec/linux/machine_linux.h \
	src/libkexec/linux/machine_read.h \
	src/libkexec/linux/memfd.h \
	src/libkexec/linux/kexec_files.h \
	src/libkexec/linux/reader.h \
	src/libkexec/linux/root.h \
	src/libkexec/linux/source.h \
	src/libkexec/linux/submit.h \
	src/libkexec/linux/tsc.h \
	src/libkexec/linux/uapi.h \
	src/libkexec/linux/unpack.h \
	src/libkexec/linux/unpacked.h \
	src/libkexec/load.h \
	src/kexec-park/action_boot.h \
	src/kexec-park/action_load.h \
	src/kexec-park/action_output.h \
	src/kexec-park/actions.h \
	src/kexec-park/cut_short.h \
	src/kexec-park/errors.h \
	src/kexec-park/exit_status.h \
	src/kexec-park/help.h \
	src/kexec-park/network.h \
	src/kexec-park/output.h \
	src/kexec-park/option_conditions.h \
	src/kexec-park/option_parse.h \
	src/kexec-park/option_row.h \
	src/kexec-park/option_rows.def \
	src/kexec-park/option_rules.h \
	src/kexec-park/option_setters.h \
	src/kexec-park/option_table.h \
	src/kexec-park/option_values.h \
	src/kexec-park/options.h \
	src/kexec-park/park_status.h \
	src/kexec-park/plan_json.h \
	src/kexec-park/plan_picture.h \
	src/kexec-park/plan_svg.h \
	src/kexec-park/plan_draw.h \
	src/kexec-park/plan_text.h \
	src/kexec-park/plan_words.h \
	src/kexec-park/say.h \
	src/kexec-park/progress.h \
	src/kexec-park/redact.h \
	src/kexec-park/report.h \
	src/kexec-park/report_collect.h \
	src/kexec-park/report_contents.h \
	src/kexec-park/report_pack.h \
	src/kexec-park/report_parts.h \
	src/kexec-park/report_redact.h \
	src/kexec-park/terminal.h

kpincludedir = $(includedir)/libkexec
kpinclude_HEADERS = src/libkexec/libkexec.h
nodist_kpinclude_HEADERS = kexec_park_page.h

# The park page for other loaders: what abi/ says of it, under names that collide with nobody's.
PARK_PAGE_PARTS = abi/abi_at.h abi/vocabulary.h abi/park_page.h
kexec_park_page.h: $(PARK_PAGE_PARTS)
	$(AM_V_GEN){ echo '/* SPDX-License-Identifier: LGPL-2.1-or-later */'; \
	for part in $(PARK_PAGE_PARTS); do \
		$(SED) -e '/SPDX-License/d' -e '/^#include "/d' -e 's/\<PARK_/KEXEC_PARK_/g' \
			-e 's/\<ABI_/KEXEC_PARK_ABI_/g' -e 's/\<struct park_/struct kexec_park_/g' \
			-e 's/\<park_record\./kexec_park_record./g' -e 's/\<enum kp_/enum libkexec_/g' \
			$(top_srcdir)/$$part || exit; \
	done; } > $@.new && mv $@.new $@
CLEANFILES += kexec_park_page.h kexec_park_page.h.new
EXTRA_DIST += src/libkexec/libkexec.map
