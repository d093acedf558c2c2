/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "madt.h"

#include <inttypes.h>
#include <string.h>

#define HEADER_BYTES		44      /* the common 36, local APIC address, flags */
#define OFF_LENGTH		4

#define TYPE_LAPIC		0x00
#define TYPE_X2APIC		0x09
#define TYPE_MP_WAKEUP		0x10

#define FLAG_ENABLED		0x1
#define FLAG_ONLINE_CAPABLE	0x2

/* Firmware fills unused slots of the table with the broadcast ID. */
#define LAPIC_PLACEHOLDER	0xff
#define X2APIC_PLACEHOLDER	0xffffffff

struct walk {
	struct kp_view table;
	struct kp_arena *arena;
	struct kp_madt madt;
	size_t cap;
};

static int add_apic(struct walk *w, uint32_t id, uint32_t flags, struct kp_error *err)
{
	struct kp_apic *v = kp_arena_grow(w->arena, w->madt.apics, w->madt.n_apics, &w->cap,
					  sizeof(*v), err);

	if (!v)
		return -1;
	w->madt.apics = v;
	v[w->madt.n_apics++] = (struct kp_apic){
		.id = id,
		.enabled = flags & FLAG_ENABLED,
		.online_capable = flags & FLAG_ONLINE_CAPABLE,
	};
	return 0;
}

static int too_short(uint8_t type, size_t bytes, struct kp_error *err)
{
	return kp_fail(err, KP_MACHINE, "an entry of type %#x has only %zu bytes", type, bytes);
}

static int take_entry(struct walk *w, struct kp_view entry, struct kp_error *err)
{
	uint32_t id, flags;
	uint8_t type = entry.bytes[0], id8;

	switch (type) {
	case TYPE_LAPIC:
		if (!kp_view_u8(entry, 3, &id8) || !kp_view_u32(entry, 4, &flags))
			return too_short(type, entry.len, err);
		return id8 == LAPIC_PLACEHOLDER ? 0 : add_apic(w, id8, flags, err);
	case TYPE_X2APIC:
		if (!kp_view_u32(entry, 4, &id) || !kp_view_u32(entry, 8, &flags))
			return too_short(type, entry.len, err);
		return id == X2APIC_PLACEHOLDER ? 0 : add_apic(w, id, flags, err);
	case TYPE_MP_WAKEUP:
		w->madt.mp_wakeup = true;
		return 0;
	default:
		return 0;
	}
}

static int check_header(struct kp_view table, uint32_t *length, struct kp_error *err)
{
	if (table.len < HEADER_BYTES || !kp_view_u32(table, OFF_LENGTH, length))
		return kp_fail(err, KP_MACHINE, "the MADT has %zu bytes, its header alone %d",
			       table.len, HEADER_BYTES);
	if (memcmp(table.bytes, "APIC", 4) != 0)
		return kp_fail(err, KP_MACHINE, "the MADT's signature is not \"APIC\"");
	if (*length < HEADER_BYTES || *length > table.len)
		return kp_fail(err, KP_MACHINE, "the MADT says it has %" PRIu32
			       " bytes, there are %zu", *length, table.len);
	return 0;
}

int kp_madt_parse(struct kp_view table, struct kp_arena *arena, struct kp_madt *out,
		  struct kp_error *err)
{
	struct walk w = { .table = table, .arena = arena };
	uint32_t length = 0, at = HEADER_BYTES;

	if (check_header(table, &length, err))
		return -1;
	w.table.len = length;
	while (at < length) {
		struct kp_view entry;
		uint8_t bytes = 0;

		kp_view_u8(w.table, at + 1, &bytes);
		if (bytes < 2 || !kp_view_sub(w.table, at, bytes, &entry))
			return kp_fail(err, KP_MACHINE, "the MADT entry at offset %" PRIu32
				       " says it has %u bytes; %" PRIu32 " are left", at, bytes,
				       length - at);
		if (take_entry(&w, entry, err))
			return kp_within(err, "the MADT at offset %" PRIu32, at);
		at += bytes;
	}
	*out = w.madt;
	return 0;
}
