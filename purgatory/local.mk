# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The purgatory: one flat, position-independent blob, purgatory/purgatory.bin, which the library
# embeds. It runs without any library and without an operating system, so its flags are its own:
# none of the host's hardening, no red zone (exceptions push on the same stack), no register but
# the general ones (nobody has set up another).

PURGATORY_MAX_BYTES = 32768

PURGATORY_CFLAGS = -std=gnu11 -O2 $(WARN_CFLAGS) -ffreestanding -fpie -fvisibility=hidden \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -mno-red-zone -mno-sse -mno-mmx -mgeneral-regs-only
PURGATORY_CPPFLAGS = -include $(top_srcdir)/purgatory/hidden.h $(FLOOR_BASE) \
	-I$(top_srcdir)/purgatory

PURGATORY_OBJECTS = \
	purgatory/obj/start.o \
	purgatory/obj/traps.o \
	purgatory/obj/apic.o \
	purgatory/obj/console.o \
	purgatory/obj/delay.o \
	purgatory/obj/gates.o \
	purgatory/obj/idt.o \
	purgatory/obj/mem.o \
	purgatory/obj/park.o \
	purgatory/obj/purgatory.o \
	purgatory/obj/record.o \
	purgatory/obj/reset.o \
	purgatory/obj/sha256.o

PURGATORY_CODE = \
	purgatory/start.S \
	purgatory/traps.S \
	purgatory/apic.c \
	purgatory/console.c \
	purgatory/delay.c \
	purgatory/gates.c \
	purgatory/idt.c \
	purgatory/mem.c \
	purgatory/park.c \
	purgatory/purgatory.c \
	purgatory/record.c \
	purgatory/reset.c

PURGATORY_INCLUDES = \
	purgatory/apic.h \
	purgatory/console.h \
	purgatory/cpu.h \
	purgatory/delay.h \
	purgatory/hidden.h \
	purgatory/idt.h \
	purgatory/mem.h \
	purgatory/park.h \
	purgatory/purgatory.h \
	purgatory/record.h \
	purgatory/reset.h \
	purgatory/traps.h

PURGATORY_NEEDS = $(PURGATORY_INCLUDES) abi/abi_at.h abi/kexec_types.h abi/park_page.h \
	abi/purgatory_params.h abi/x86.h src/libkexec/base/sha256.h purgatory/local.mk

EXTRA_DIST += $(PURGATORY_CODE) $(PURGATORY_INCLUDES) purgatory/purgatory.lds \
	purgatory/check-blob
CLEANFILES += purgatory/purgatory.bin purgatory/purgatory.elf $(PURGATORY_OBJECTS)
noinst_DATA += purgatory/purgatory.bin

PURGATORY_COMPILE = $(AM_V_CC)$(MKDIR_P) purgatory/obj && \
	$(CC) $(PURGATORY_CPPFLAGS) $(PURGATORY_CFLAGS) -c -o $@

purgatory/obj/%.o: purgatory/%.c $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $<

purgatory/obj/%.o: purgatory/%.S $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $<

purgatory/obj/sha256.o: src/libkexec/base/sha256.c $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $(top_srcdir)/src/libkexec/base/sha256.c

purgatory/purgatory.elf: $(PURGATORY_OBJECTS) purgatory/purgatory.lds
	$(AM_V_CCLD)$(LD) -pie --no-dynamic-linker -z norelro -z noexecstack \
		-T $(top_srcdir)/purgatory/purgatory.lds -o $@ $(PURGATORY_OBJECTS)

purgatory/purgatory.bin: purgatory/purgatory.elf purgatory/check-blob
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .purgatory purgatory/purgatory.elf $@.tmp
	$(AM_V_at)READELF='$(READELF)' NM='$(NM_TOOL)' $(top_srcdir)/purgatory/check-blob \
		purgatory/purgatory.elf $@.tmp $(PURGATORY_MAX_BYTES)
	$(AM_V_at)mv $@.tmp $@
