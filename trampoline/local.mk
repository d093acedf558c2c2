# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The park page: trampoline/park_page.bin, 4096 bytes, which the library embeds. The assembler
# itself holds every offset (.org); what is checked here is that nothing was left to a linker.

EXTRA_DIST += trampoline/park.S
CLEANFILES += trampoline/park.o trampoline/park_page.bin
noinst_DATA += trampoline/park_page.bin

trampoline/park.o: trampoline/park.S abi/abi_at.h abi/park_page.h abi/vocabulary.h abi/x86.h
	$(AM_V_CC)$(MKDIR_P) trampoline && \
		$(CC) $(FLOOR_ABI) -c -o $@ $(top_srcdir)/trampoline/park.S

trampoline/park_page.bin: trampoline/park.o
	$(AM_V_at)if $(READELF) -rW trampoline/park.o | $(GREP) R_X86_64; then \
		echo 'trampoline/park.o has relocations: it would depend on where it is'; exit 1; fi
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text trampoline/park.o $@.tmp
	$(AM_V_at)test `wc -c <$@.tmp` -eq 4096 || { echo '$@ is not 4096 bytes'; exit 1; }
	$(AM_V_at)mv $@.tmp $@
