# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The purgatory: one flat, position-independent blob, purgatory/purgatory.bin, which the library
# embeds. It runs without any library and without an operating system, so its flags are its own:
# none of the host's hardening, no red zone (exceptions push on the same stack), no register but
# the general ones: whoever takes an exception saves no other. Two objects alone use vector ones,
# and verify.c enables them around those; check-blob holds the rest to that.

PURGATORY_MAX_BYTES = `$(SED) -n 's/^.define PURGATORY_MEM_BYTES[^0]*//p' \
	$(top_srcdir)/abi/purgatory_params.h`

PURGATORY_CFLAGS = -std=gnu11 -O2 $(WARN_CFLAGS) -ffreestanding -fpie -fvisibility=hidden \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -mno-red-zone
PURGATORY_REGISTERS = -mno-sse -mno-mmx -mgeneral-regs-only
PURGATORY_VECTORS = -msse2 -mno-sse3 -mno-mmx
PURGATORY_CPPFLAGS = -include $(top_srcdir)/purgatory/hidden.h $(FLOOR_BASE) \
	-I$(top_srcdir)/purgatory

PURGATORY_OBJECTS = \
	purgatory/obj/start.o \
	purgatory/obj/traps.o \
	purgatory/obj/apic.o \
	purgatory/obj/backup.o \
	purgatory/obj/console.o \
	purgatory/obj/counters.o \
	purgatory/obj/delay.o \
	purgatory/obj/digest.o \
	purgatory/obj/framebuffer.o \
	purgatory/obj/gates.o \
	purgatory/obj/idt.o \
	purgatory/obj/mce.o \
	purgatory/obj/mem.o \
	purgatory/obj/park.o \
	purgatory/obj/post.o \
	purgatory/obj/purgatory.o \
	purgatory/obj/record.o \
	purgatory/obj/reset.o \
	purgatory/obj/sel.o \
	purgatory/obj/sha256.o \
	purgatory/obj/uart.o \
	purgatory/obj/verify.o
PURGATORY_VECTOR_OBJECTS = purgatory/obj/sha256_ni.o purgatory/obj/sha256_x4.o

PURGATORY_CODE = \
	purgatory/start.S \
	purgatory/traps.S \
	purgatory/apic.c \
	purgatory/backup.c \
	purgatory/console.c \
	purgatory/counters.c \
	purgatory/delay.c \
	purgatory/framebuffer.c \
	purgatory/gates.c \
	purgatory/idt.c \
	purgatory/mce.c \
	purgatory/mem.c \
	purgatory/park.c \
	purgatory/post.c \
	purgatory/purgatory.c \
	purgatory/record.c \
	purgatory/reset.c \
	purgatory/sel.c \
	purgatory/uart.c \
	purgatory/verify.c

PURGATORY_INCLUDES = \
	purgatory/apic.h \
	purgatory/backup.h \
	purgatory/console.h \
	purgatory/counters.h \
	purgatory/cpu.h \
	purgatory/delay.h \
	purgatory/font.h \
	purgatory/framebuffer.h \
	purgatory/hidden.h \
	purgatory/idt.h \
	purgatory/mce.h \
	purgatory/mem.h \
	purgatory/park.h \
	purgatory/post.h \
	purgatory/purgatory.h \
	purgatory/record.h \
	purgatory/reset.h \
	purgatory/sel.h \
	purgatory/traps.h \
	purgatory/uart.h \
	purgatory/verify.h

PURGATORY_NEEDS = $(PURGATORY_INCLUDES) abi/abi_at.h abi/kexec_types.h abi/park_page.h \
	abi/purgatory_params.h abi/vocabulary.h abi/x86.h src/libkexec/base/digest.h \
	src/libkexec/base/sha256.h src/libkexec/base/sha256_rounds.h purgatory/local.mk

EXTRA_DIST += $(PURGATORY_CODE) $(PURGATORY_INCLUDES) purgatory/purgatory.lds \
	purgatory/check-blob
CLEANFILES += purgatory/purgatory.bin purgatory/purgatory.elf $(PURGATORY_OBJECTS) \
	$(PURGATORY_VECTOR_OBJECTS)
noinst_DATA += purgatory/purgatory.bin

PURGATORY_COMPILE = $(AM_V_CC)$(MKDIR_P) purgatory/obj && \
	$(CC) $(PURGATORY_CPPFLAGS) $(PURGATORY_CFLAGS) -c -o $@

purgatory/obj/%.o: purgatory/%.c $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $(PURGATORY_REGISTERS) $<

purgatory/obj/%.o: purgatory/%.S $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $<

purgatory/obj/sha256.o: src/libkexec/base/sha256.c $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $(PURGATORY_REGISTERS) $(top_srcdir)/src/libkexec/base/sha256.c

purgatory/obj/digest.o: src/libkexec/base/digest.c $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $(PURGATORY_REGISTERS) $(top_srcdir)/src/libkexec/base/digest.c

purgatory/obj/sha256_ni.o: src/libkexec/base/sha256_ni.S $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $(top_srcdir)/src/libkexec/base/sha256_ni.S

purgatory/obj/sha256_x4.o: src/libkexec/base/sha256_x4.c $(PURGATORY_NEEDS)
	$(PURGATORY_COMPILE) $(PURGATORY_VECTORS) $(top_srcdir)/src/libkexec/base/sha256_x4.c

purgatory/purgatory.elf: $(PURGATORY_OBJECTS) $(PURGATORY_VECTOR_OBJECTS) purgatory/purgatory.lds
	$(AM_V_CCLD)$(LD) -pie --no-dynamic-linker -z norelro -z noexecstack \
		-T $(top_srcdir)/purgatory/purgatory.lds -o $@ $(PURGATORY_OBJECTS) \
		$(PURGATORY_VECTOR_OBJECTS)

purgatory/purgatory.bin: purgatory/purgatory.elf purgatory/check-blob
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .purgatory purgatory/purgatory.elf $@.tmp
	$(AM_V_at)READELF='$(READELF)' NM='$(NM_TOOL)' OBJDUMP='$(OBJDUMP)' \
		$(top_srcdir)/purgatory/check-blob purgatory/purgatory.elf $@.tmp \
		$(PURGATORY_MAX_BYTES) $(PURGATORY_OBJECTS)
	$(AM_V_at)mv $@.tmp $@
