/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "spcr.h"

#define BYTES 80

struct row {
	const char *name;
	uint8_t subtype, space, access;
	uint64_t address;
	enum kp_serial kind;       /* of a good one */
	const char *says;          /* NULL: it is good */
};

static void make(const struct row *row, uint8_t *table)
{
	memset(table, 0, BYTES);
	memcpy(table, "SPCR", 4);
	table[4] = BYTES;
	table[8] = 2;
	table[36] = row->subtype;
	table[40] = row->space;
	table[41] = 8;
	table[43] = row->access;
	memcpy(table + 44, &row->address, 8);
	table[58] = 7;
}

/* From the heap and of the exact size, so that a sanitizer sees a read past the end. */
static int parse(const uint8_t *table, size_t len, struct kp_spcr *out, struct kp_error *err)
{
	uint8_t *copy = malloc(len + !len);
	int rc;

	memcpy(copy, table, len);
	rc = kp_spcr_parse((struct kp_view){ copy, len }, out, err);
	free(copy);
	return rc;
}

static void consoles(void **state)
{
	static const struct row rows[] = {
		{ "COM1", 0, 1, 0, 0x3f8, KP_SERIAL_PORT, NULL },
		{ "COM2 of a 16450", 1, 1, 1, 0x2f8, KP_SERIAL_PORT, NULL },
		{ "memory, size not said", 0, 0, 0, 0xfe030000, KP_SERIAL_MMIO, NULL },
		{ "memory, bytes", 0x12, 0, 1, 0xfe030000, KP_SERIAL_MMIO, NULL },
		{ "memory, dwords, above 4 GiB", 0x12, 0, 3, 0x380000030000, KP_SERIAL_MMIO32, NULL },
		{ "a PL011", 3, 0, 3, 0x9000000, 0, "type 0x3, not an 8250" },
		{ "switched off", 0, 1, 0, 0, 0, "address is 0" },
		{ "in PCI configuration space", 0, 2, 0, 0x10, 0, "address space 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_error err = { 0 };
		struct kp_spcr spcr;
		uint8_t table[BYTES];
		int rc;

		make(&rows[i], table);
		rc = parse(table, BYTES, &spcr, &err);
		if (rc != (rows[i].says ? -1 : 0))
			fail_msg("%s: %d, %s", rows[i].name, rc, err.text);
		if (rows[i].says && !strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\"", rows[i].name, err.text);
		if (rows[i].says)
			continue;
		assert_int_equal(spcr.kind, rows[i].kind);
		assert_int_equal(spcr.address, rows[i].address);
	}
}

static void cut_short(void **state)
{
	static const struct row good = { "COM1", 0, 1, 0, 0x3f8, KP_SERIAL_PORT, NULL };
	struct kp_error err = { 0 };
	struct kp_spcr spcr;
	uint8_t table[BYTES];

	(void)state;
	make(&good, table);
	for (size_t len = 0; len < BYTES; len++)
		assert_int_equal(parse(table, len, &spcr, &err), -1);
	for (unsigned length = 0; length < 52; length++) {
		table[4] = (uint8_t)length;
		assert_int_equal(parse(table, BYTES, &spcr, &err), -1);
	}
	assert_int_equal(err.code, KP_MACHINE);
	make(&good, table);
	table[0] = 'X';
	assert_int_equal(parse(table, BYTES, &spcr, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consoles),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
