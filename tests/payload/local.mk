# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Payload tests: the shipped blobs in small test kernels. A kernel is the runtime, which boots the
# machine, and the files of its area. One driver runs the rows of all cases_*.py.

PAYLOAD_CFLAGS = -std=gnu11 -O2 $(WARN_CFLAGS) -ffreestanding -fno-pic -fno-pie \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-mno-red-zone -mgeneral-regs-only -ffile-prefix-map=$(top_srcdir)/=
PAYLOAD_CPPFLAGS = $(FLOOR_CORE) \
	-I$(top_srcdir)/tests/payload/runtime -I$(top_srcdir)/purgatory
PAYLOAD_LINK_FLAGS = -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-T,$(top_srcdir)/tests/payload/runtime/payload.lds

PAYLOAD_CODE = \
	tests/payload/bmc.c \
	tests/payload/bmc.h \
	tests/payload/consoles.c \
	tests/payload/consoles.h \
	tests/payload/park.c \
	tests/payload/park_stubs.S \
	tests/payload/purgatory_entry.S \
	tests/payload/purgatory_test.c \
	tests/payload/vmx.c \
	tests/payload/vmx.h
PAYLOAD_RUNTIME = \
	tests/payload/runtime/boot.S \
	tests/payload/runtime/payload.lds \
	tests/payload/runtime/rt.c \
	tests/payload/runtime/rt.h
PAYLOAD_NEEDS = $(PAYLOAD_RUNTIME) abi/abi_at.h abi/kexec_types.h abi/park_page.h \
	abi/purgatory_params.h abi/vocabulary.h abi/x86.h src/libkexec/base/sha256.h src/libkexec/base/sha256_rounds.h \
	src/libkexec/core/park_image.h src/libkexec/core/purgatory_tables.h tests/payload/local.mk \
	tests/payload/bmc.h tests/payload/consoles.h tests/payload/vmx.h purgatory/font.h

PAYLOAD_RUNTIME_OBJECTS = \
	tests/payload/obj/boot.o \
	tests/payload/obj/rt.o \
	tests/payload/obj/sha256.o
PAYLOAD_PARK_OBJECTS = $(PAYLOAD_RUNTIME_OBJECTS) \
	tests/payload/obj/park.o \
	tests/payload/obj/park_image.o \
	tests/payload/obj/park_stubs.o
PAYLOAD_PURGATORY_OBJECTS = $(PAYLOAD_RUNTIME_OBJECTS) \
	tests/payload/obj/bmc.o \
	tests/payload/obj/consoles.o \
	tests/payload/obj/park_image.o \
	tests/payload/obj/purgatory_entry.o \
	tests/payload/obj/purgatory_tables.o \
	tests/payload/obj/purgatory_test.o \
	tests/payload/obj/vmx.o
PAYLOAD_KERNELS = tests/payload/park.elf tests/payload/purgatory_test.elf

dist_check_SCRIPTS += tests/payload/run tests/payload/faults

EXTRA_DIST += docs/framebuffer.png tests/payload/screenshot $(PAYLOAD_CODE) $(PAYLOAD_RUNTIME) tests/payload/case.py tests/payload/gdbstub.py \
	tests/payload/cases_park.py tests/payload/cases_purgatory.py
CLEANFILES += $(PAYLOAD_KERNELS) $(PAYLOAD_PARK_OBJECTS) $(PAYLOAD_PURGATORY_OBJECTS)
check_DATA += $(PAYLOAD_KERNELS)
TESTS += tests/payload/run tests/payload/faults

PAYLOAD_COMPILE = $(AM_V_CC)$(MKDIR_P) tests/payload/obj && \
	$(CC) $(PAYLOAD_CPPFLAGS) $(PAYLOAD_CFLAGS) -c -o $@
PAYLOAD_LINK = $(AM_V_CCLD)$(CC) $(PAYLOAD_LINK_FLAGS) -o $@

tests/payload/obj/%.o: tests/payload/%.c $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $<

tests/payload/obj/%.o: tests/payload/%.S $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $<

tests/payload/obj/%.o: tests/payload/runtime/%.c $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $<

tests/payload/obj/%.o: tests/payload/runtime/%.S $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $<

tests/payload/obj/sha256.o: src/libkexec/base/sha256.c $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $(top_srcdir)/src/libkexec/base/sha256.c

tests/payload/obj/park_image.o: src/libkexec/core/park_image.c $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $(top_srcdir)/src/libkexec/core/park_image.c

tests/payload/obj/purgatory_tables.o: src/libkexec/core/purgatory_tables.c $(PAYLOAD_NEEDS)
	$(PAYLOAD_COMPILE) $(top_srcdir)/src/libkexec/core/purgatory_tables.c

# The blobs come in by .incbin, which make cannot see.
tests/payload/obj/park_stubs.o: trampoline/park_page.bin
tests/payload/obj/purgatory_entry.o: purgatory/purgatory.bin trampoline/park_page.bin

tests/payload/park.elf: $(PAYLOAD_PARK_OBJECTS)
	$(PAYLOAD_LINK) $(PAYLOAD_PARK_OBJECTS)

tests/payload/purgatory_test.elf: $(PAYLOAD_PURGATORY_OBJECTS)
	$(PAYLOAD_LINK) $(PAYLOAD_PURGATORY_OBJECTS)
