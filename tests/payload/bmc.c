/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bmc.h"

#include "rt.h"
#include "vocabulary.h"

#define OBF 0x01
#define IBF 0x02

static void put(uint16_t port, uint8_t byte, uint16_t base)
{
	rt_outb(port, byte);
	rt_wait("the BMC to take a byte", !(rt_inb(base + 1) & IBF));
	rt_inb(base);
}

/* A whole transfer, IPMI 2.0 section 9.15; the bytes of the response. */
static uint32_t transfer(uint16_t base, const uint8_t *request, uint32_t bytes, uint8_t *response)
{
	uint32_t n = 0;

	put(base + 1, 0x61, base);
	for (uint32_t i = 0; i + 1 < bytes; i++)
		put(base, request[i], base);
	put(base + 1, 0x62, base);
	rt_outb(base, request[bytes - 1]);
	rt_wait("the BMC to take a request", !(rt_inb(base + 1) & IBF));
	while ((rt_inb(base + 1) & 0xc0) == 0x40) {
		rt_wait("the BMC to answer", rt_inb(base + 1) & OBF);
		if (n < 32)
			response[n++] = rt_inb(base);
		rt_outb(base, 0x68);
		rt_wait("the BMC to take a read", !(rt_inb(base + 1) & IBF));
	}
	rt_inb(base);
	return n;
}

/* Get SEL Info, section 31.2. */
uint32_t bmc_records(uint16_t port)
{
	static const uint8_t request[] = { 0x28, 0x40 };
	uint8_t response[32];

	if (transfer(port, request, sizeof(request), response) < 6 || response[2])
		rt_fail("the BMC tells nothing of its event log");
	return response[4] | (uint32_t)response[5] << 8;
}

/* Get SEL Entry, section 31.5. */
static uint64_t address(const uint8_t *r)
{
	uint64_t value = 0;

	for (unsigned int i = 8; i--;)
		value = value << 8 | r[i];
	return value;
}

void bmc_check_record(uint16_t port, uint32_t n, const struct bmc_record *must)
{
	const uint8_t request[] = { 0x28, 0x43, 0, 0, (uint8_t)n, (uint8_t)(n >> 8), 0, 0xff };
	uint8_t r[32];

	if (transfer(port, request, sizeof(request), r) < 21 || r[2])
		rt_fail("record %u of the event log is not there", n);
	if (r[7] != PARK_SEL_TYPE || r[8] != PARK_SEL_TAG_0 || r[9] != PARK_SEL_TAG_1 ||
	    r[10] != PARK_SEL_TAG_2)
		rt_fail("record %u of the event log is not the purgatory's", n);
	if (r[11] != must->outcome || r[12] != must->vector)
		rt_fail("record %u says outcome %u, vector %u", n, r[11], r[12]);
	if (must->address == BMC_ANYWHERE ? !address(r + 13) : address(r + 13) != must->address)
		rt_fail("record %u says address 0x%lx", n, address(r + 13));
}
