/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sel.h"

#include <stdbool.h>

#include "cpu.h"
#include "delay.h"
#include "vocabulary.h"

/* Status register and control codes, IPMI 2.0 section 9.7 to 9.10. */
#define KCS_OBF			0x01    /* a byte waits to be read */
#define KCS_IBF			0x02    /* the last byte was not taken yet */
#define KCS_STATE		0xc0
#define KCS_STATE_READ			0x40
#define KCS_STATE_WRITE			0x80
#define KCS_WRITE_START		0x61
#define KCS_WRITE_END		0x62
#define KCS_READ		0x68

/* Add SEL Entry, IPMI 2.0 section 31.6; an OEM record without a time stamp, section 32.3. */
#define NETFN_STORAGE		(0x0a << 2)
#define ADD_SEL_ENTRY		0x44
#define COMPLETION		2       /* of a response: after NetFn and command */
#define COMPLETION_OK		0x00
#define RECORD_ID		3       /* 2 bytes, lower first */

#define RESPONSE_BYTES		5
#define LONGEST_RESPONSE	64      /* that is read; more is no answer */

#define RECORD_MICROSECONDS	500000  /* for all of it; QEMU's takes 1 ms, real ones tens */

static uint16_t data_port, command_port;

void sel_init(uint16_t port, uint8_t spacing)
{
	data_port = port;
	command_port = (uint16_t)(port + spacing);
}

static bool wait_for(uint8_t mask, uint8_t value, struct deadline *d)
{
	while ((inb(command_port) & mask) != value)
		if (deadline_passed(d))
			return false;
	return true;
}

/* A byte goes out, and the BMC stays in the state of one that takes more. */
static bool write_byte(uint16_t port, uint8_t byte, struct deadline *d)
{
	outb(port, byte);
	if (!wait_for(KCS_IBF, 0, d) || (inb(command_port) & KCS_STATE) != KCS_STATE_WRITE)
		return false;
	inb(data_port);                 /* clears OBF */
	return true;
}

static bool write_request(const uint8_t *request, unsigned int bytes, struct deadline *d)
{
	if (!wait_for(KCS_IBF, 0, d))
		return false;
	inb(data_port);
	if (!write_byte(command_port, KCS_WRITE_START, d))
		return false;
	for (unsigned int i = 0; i + 1 < bytes; i++)
		if (!write_byte(data_port, request[i], d))
			return false;
	if (!write_byte(command_port, KCS_WRITE_END, d))
		return false;
	outb(data_port, request[bytes - 1]);
	return wait_for(KCS_IBF, 0, d);
}

/* To its end, or the BMC would wait there for the next kernel. */
static bool read_response(uint8_t response[RESPONSE_BYTES], struct deadline *d)
{
	bool ok;

	for (unsigned int i = 0; (inb(command_port) & KCS_STATE) == KCS_STATE_READ; i++) {
		uint8_t byte;

		if (i == LONGEST_RESPONSE || !wait_for(KCS_OBF, KCS_OBF, d))
			return false;
		byte = inb(data_port);
		if (i < RESPONSE_BYTES)
			response[i] = byte;
		outb(data_port, KCS_READ);
		if (!wait_for(KCS_IBF, 0, d))
			return false;
	}
	ok = response[COMPLETION] == COMPLETION_OK;
	if (ok && wait_for(KCS_OBF, KCS_OBF, d))
		inb(data_port);         /* the byte that ends a response in the idle state */
	return ok;
}

uint16_t sel_add(uint8_t outcome, uint8_t vector, uint64_t address)
{
	struct deadline d = deadline_in(RECORD_MICROSECONDS);
	uint8_t response[RESPONSE_BYTES] = { [COMPLETION] = (uint8_t)~COMPLETION_OK };
	uint8_t request[18] = {
		NETFN_STORAGE, ADD_SEL_ENTRY,
		0, 0,                   /* record ID: the BMC's */
		PARK_SEL_TYPE, PARK_SEL_TAG_0, PARK_SEL_TAG_1, PARK_SEL_TAG_2, outcome, vector,
	};

	if (!data_port)
		return 0;
	for (unsigned int i = 0; i < 8; i++)
		request[10 + i] = (uint8_t)(address >> 8 * i);
	if (!write_request(request, sizeof(request), &d) || !read_response(response, &d)) {
		data_port = 0;
		return 0;
	}
	return (uint16_t)((response[RECORD_ID] | response[RECORD_ID + 1] << 8) + 1);
}
