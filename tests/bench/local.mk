# SPDX-License-Identifier: LGPL-2.1-or-later
#
# "make bench": the digest on the very objects that the purgatory is linked from, and what a load
# costs, both beside stock kexec. Not part of "make check": figures are for people to judge.

BENCH_DIGEST_OBJECTS = \
	purgatory/obj/digest.o \
	purgatory/obj/sha256.o \
	purgatory/obj/sha256_ni.o \
	purgatory/obj/sha256_x4.o

EXTRA_DIST += tests/bench/run tests/bench/digest.c tests/bench/intercept.c \
	tests/bench/sha_unit.S
CLEANFILES += tests/bench/digest tests/bench/intercept.so tests/bench/one_message.o \
	tests/bench/sha_unit.o

.PHONY: bench
bench: all tests/bench/digest tests/bench/intercept.so
	OBJCOPY='$(OBJCOPY)' $(top_srcdir)/tests/bench/run --build-dir $(abs_top_builddir)

tests/bench/one_message.o: src/libkexec/base/sha256_ni.S
	$(AM_V_CC)$(MKDIR_P) tests/bench && $(CC) -DKP_SHA256_LANES=1 -c -o $@ \
		$(top_srcdir)/src/libkexec/base/sha256_ni.S

tests/bench/sha_unit.o: tests/bench/sha_unit.S
	$(AM_V_CC)$(MKDIR_P) tests/bench && $(CC) -c -o $@ $(top_srcdir)/tests/bench/sha_unit.S

BENCH_CONTENDERS = tests/bench/one_message.o tests/bench/sha_unit.o $(BENCH_DIGEST_OBJECTS)

tests/bench/digest: tests/bench/digest.c $(BENCH_CONTENDERS)
	$(AM_V_CC)$(CC) $(FLOOR_BASE) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(PIE_LDFLAGS) -o $@ \
		$(top_srcdir)/tests/bench/digest.c $(BENCH_CONTENDERS) -ldl

tests/bench/intercept.so: tests/bench/intercept.c
	$(AM_V_CC)$(MKDIR_P) tests/bench && $(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARN_CFLAGS) -fPIC \
		-shared -o $@ $(top_srcdir)/tests/bench/intercept.c -ldl
