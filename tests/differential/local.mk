# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What stock kexec and kexec-park load, recorded in the guests of tests/vm and compared.

noinst_PROGRAMS += tests/differential/record-load
tests_differential_record_load_SOURCES = tests/differential/record-load.c
tests_differential_record_load_LDADD =

dist_check_SCRIPTS += tests/differential/selftest
TESTS += tests/differential/selftest

EXTRA_DIST += \
	tests/differential/bootparams.py \
	tests/differential/differences.py \
	tests/differential/expected-differences \
	tests/differential/facts.py \
	tests/differential/loads.py \
	tests/differential/recording.py \
	tests/differential/stanzas.py
