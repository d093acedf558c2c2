# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Unit tests: tests/unit/test_<module>.c, cmocka, one line each below. They link the floors
# themselves, not libkexec.so, so they reach what it does not export. A test that needs
# more than that adds tests_unit_test_<module>_{SOURCES,CPPFLAGS,LDADD} of its own.

AM_CPPFLAGS = $(FLOOR_LIBRARY) $(CMOCKA_CFLAGS)
LDADD = libkplinux.la libkpcore.la libkpbase.la $(CMOCKA_LIBS) $(LIBELF_LIBS) $(UNPACK_LIBS)

dist_check_SCRIPTS += tests/unit/floors
TESTS += tests/unit/floors

UNIT_TESTS =

# The base, the image formats and the edges.
UNIT_TESTS += \
	tests/unit/test_arena \
	tests/unit/test_bzimage \
	tests/unit/test_digest \
	tests/unit/test_elf \
	tests/unit/test_error \
	tests/unit/test_file \
	tests/unit/test_range \
	tests/unit/test_sha256 \
	tests/unit/test_submit \
	tests/unit/test_uki \
	tests/unit/test_unpack \
	tests/unit/test_view

# Of the command.
COMMAND_LDADD = libkpcommand.la $(CMOCKA_LIBS) $(JANSSON_LIBS)
UNIT_TESTS += tests/unit/test_options
tests_unit_test_options_CPPFLAGS = $(FLOOR_COMMAND) $(CMOCKA_CFLAGS)
tests_unit_test_options_LDADD = $(COMMAND_LDADD)
UNIT_TESTS += tests/unit/test_network
tests_unit_test_network_SOURCES = tests/unit/test_network.c src/kexec-park/network.c
tests_unit_test_network_CPPFLAGS = $(FLOOR_COMMAND) $(CMOCKA_CFLAGS)
tests_unit_test_network_LDADD = $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_reports
tests_unit_test_reports_CPPFLAGS = $(FLOOR_COMMAND) $(CMOCKA_CFLAGS)
tests_unit_test_reports_LDADD = $(COMMAND_LDADD)
UNIT_TESTS += tests/unit/test_redact
tests_unit_test_redact_CPPFLAGS = $(FLOOR_COMMAND) $(CMOCKA_CFLAGS)
tests_unit_test_redact_LDADD = $(COMMAND_LDADD)

# Of the machine's facts: from bytes, and from a directory.
UNIT_TESTS += \
	tests/unit/test_confidential \
	tests/unit/test_cpulist \
	tests/unit/test_grades \
	tests/unit/test_hubs \
	tests/unit/test_kcore \
	tests/unit/test_machine \
	tests/unit/test_madt \
	tests/unit/test_memmap \
	tests/unit/test_sme \
	tests/unit/test_spcr \
	tests/unit/test_text \
	tests/unit/test_xen

# The plan and what it is made of.
PLAN_TESTS = \
	tests/unit/test_cmdline \
	tests/unit/test_consoles \
	tests/unit/test_e820 \
	tests/unit/test_elfcorehdr \
	tests/unit/test_layout \
	tests/unit/test_memory \
	tests/unit/test_pagetable \
	tests/unit/test_park_place \
	tests/unit/test_plan \
	tests/unit/test_purgatory_image \
	tests/unit/test_zeropage
UNIT_TESTS += $(PLAN_TESTS)
noinst_HEADERS += tests/unit/descriptors.h tests/unit/in_range.h tests/unit/plan_fixture.h

# The park page, as it is shipped.
UNIT_TESTS += \
	tests/unit/test_park_image \
	tests/unit/test_park_record

# The purgatory's C, compiled for the host against a mocked machine. Its own sources state no
# dependency of the host's, and its privileged instructions are behind purgatory/cpu.h.
PURGATORY_TESTS = \
	tests/unit/test_purgatory_apic \
	tests/unit/test_purgatory_console \
	tests/unit/test_purgatory_counters \
	tests/unit/test_purgatory_framebuffer \
	tests/unit/test_purgatory_gates \
	tests/unit/test_purgatory_mce \
	tests/unit/test_purgatory_park \
	tests/unit/test_purgatory_sel \
	tests/unit/test_purgatory_verify
UNIT_TESTS += $(PURGATORY_TESTS)

PURGATORY_MOCK_CPPFLAGS = -DPURGATORY_MOCK $(FLOOR_BASE) -I$(top_srcdir)/purgatory \
	-I$(top_srcdir)/tests/unit $(CMOCKA_CFLAGS)
PURGATORY_MOCKED = \
	tests/unit/purgatory_mock.c \
	tests/unit/purgatory_mock.h \
	purgatory/apic.c \
	purgatory/console.c \
	purgatory/delay.c \
	purgatory/framebuffer.c \
	purgatory/mem.c \
	purgatory/park.c \
	purgatory/post.c \
	purgatory/record.c \
	purgatory/sel.c \
	purgatory/uart.c
PURGATORY_MOCK_LDADD = libkpbase.la $(CMOCKA_LIBS)

tests_unit_test_purgatory_apic_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_apic_SOURCES = tests/unit/test_purgatory_apic.c $(PURGATORY_MOCKED)
tests_unit_test_purgatory_apic_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_console_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_console_SOURCES = tests/unit/test_purgatory_console.c $(PURGATORY_MOCKED)
tests_unit_test_purgatory_console_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_counters_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_counters_SOURCES = tests/unit/test_purgatory_counters.c \
	purgatory/counters.c $(PURGATORY_MOCKED)
tests_unit_test_purgatory_counters_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_framebuffer_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_framebuffer_SOURCES = tests/unit/test_purgatory_framebuffer.c \
	$(PURGATORY_MOCKED)
tests_unit_test_purgatory_framebuffer_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_gates_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_gates_SOURCES = tests/unit/test_purgatory_gates.c purgatory/gates.c
tests_unit_test_purgatory_gates_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_mce_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_mce_SOURCES = tests/unit/test_purgatory_mce.c purgatory/mce.c \
	purgatory/backup.c $(PURGATORY_MOCKED)
tests_unit_test_purgatory_mce_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_park_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_park_SOURCES = tests/unit/test_purgatory_park.c $(PURGATORY_MOCKED)
tests_unit_test_purgatory_park_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_sel_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_sel_SOURCES = tests/unit/test_purgatory_sel.c $(PURGATORY_MOCKED)
tests_unit_test_purgatory_sel_LDADD = $(PURGATORY_MOCK_LDADD)
tests_unit_test_purgatory_verify_CPPFLAGS = $(PURGATORY_MOCK_CPPFLAGS)
tests_unit_test_purgatory_verify_SOURCES = tests/unit/test_purgatory_verify.c purgatory/verify.c \
	$(PURGATORY_MOCKED)
tests_unit_test_purgatory_verify_LDADD = $(PURGATORY_MOCK_LDADD)

# Memory runs out at each allocation: an arena without shared blocks, and an allocator between.
UNIT_TESTS += tests/unit/test_nomem
tests_unit_test_nomem_SOURCES = tests/unit/test_nomem.c src/libkexec/base/arena.c
tests_unit_test_nomem_CPPFLAGS = $(AM_CPPFLAGS) -DBLOCK_BYTES=0
tests_unit_test_nomem_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
