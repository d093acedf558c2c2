/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "madt.h"

#include <inttypes.h>
#include <string.h>

#define HEADER_BYTES		44      /* the common 36, local APIC address, flags */
#define OFF_LENGTH		4
#define OFF_REVISION		8

#define TYPE_LAPIC		0x00
#define TYPE_X2APIC		0x09
#define TYPE_MP_WAKEUP		0x10

#define X2APIC_BYTES		16      /* all of it, or Linux' BAD_MADT_ENTRY() refuses it */

#define FLAG_ENABLED		0x1
#define FLAG_ONLINE_CAPABLE	0x2

/* ACPI 6.3, which brought that flag. Before it, any CPU that is not enabled may be enabled later, as
 * Linux has it (acpi_is_processor_usable(), arch/x86/kernel/acpi/boot.c). */
#define REVISION_ONLINE_CAPABLE	5

/* Linux arch/x86/include/asm/apicdef.h: acpi_register_lapic() skips IDs from here on. */
#define MAX_LOCAL_APIC		32768

/* Firmware fills unused slots of the table with the broadcast ID. */
#define LAPIC_PLACEHOLDER	0xff
#define X2APIC_PLACEHOLDER	0xffffffff

struct walk {
	struct kp_view table;
	struct kp_arena *arena;
	struct kp_madt madt;
	size_t cap;
};

static bool may_come(const struct walk *w, uint32_t flags)
{
	return !(flags & FLAG_ENABLED) && ((flags & FLAG_ONLINE_CAPABLE) ||
					   w->table.bytes[OFF_REVISION] < REVISION_ONLINE_CAPABLE);
}

static int add_apic(struct walk *w, uint32_t id, uint32_t flags, struct kp_error *err)
{
	struct kp_apic *v;

	if (id >= MAX_LOCAL_APIC) {
		w->madt.n_too_big++;
		return 0;
	}
	v = kp_arena_grow(w->arena, w->madt.apics, w->madt.n_apics, &w->cap, sizeof(*v), err);
	if (!v)
		return -1;
	w->madt.apics = v;
	v[w->madt.n_apics++] = (struct kp_apic){
		.id = id,
		.enabled = flags & FLAG_ENABLED,
		.online_capable = may_come(w, flags),
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
		if (entry.len < X2APIC_BYTES || !kp_view_u32(entry, 4, &id) ||
		    !kp_view_u32(entry, 8, &flags))
			return too_short(type, entry.len, err);
		return id == X2APIC_PLACEHOLDER ? 0 : add_apic(w, id, flags, err);
	case TYPE_MP_WAKEUP:
		w->madt.mp_wakeup = true;
		return 0;
	default:
		return 0;
	}
}

static int check_header(struct kp_view table, struct kp_error *err)
{
	uint32_t length;

	if (table.len < HEADER_BYTES || !kp_view_u32(table, OFF_LENGTH, &length))
		return kp_fail(err, KP_MACHINE, "the MADT has %zu bytes, its header alone %d",
			       table.len, HEADER_BYTES);
	if (memcmp(table.bytes, "APIC", 4) != 0)
		return kp_fail(err, KP_MACHINE, "the MADT's signature is not \"APIC\"");
	if (length < HEADER_BYTES)
		return kp_fail(err, KP_MACHINE, "the MADT says it has %" PRIu32
			       " bytes, its header alone has %d", length, HEADER_BYTES);
	return 0;
}

/*
 * An entry that says it is longer than the rest of the table counts, as in Linux, if what is there
 * holds its structure; it is the last one.
 */
static int walk(struct walk *w, struct kp_error *err)
{
	struct kp_view entry;
	uint8_t bytes = 0;

	for (size_t at = HEADER_BYTES; at < w->table.len; at += bytes) {
		size_t left = w->table.len - at;

		if (!kp_view_u8(w->table, at + 1, &bytes) || bytes < 2)
			return kp_fail(err, KP_MACHINE, "the MADT entry at offset %zu says it has "
				       "%u bytes; %zu are left", at, bytes, left);
		kp_view_sub(w->table, at, bytes < left ? bytes : left, &entry);
		if (take_entry(w, entry, err))
			return kp_within(err, "the MADT at offset %zu", at);
		if (bytes > left)
			return kp_fail(err, KP_MACHINE, "the MADT entry at offset %zu says it has "
				       "%u bytes; %zu are left", at, bytes, left);
	}
	return 0;
}

/* Of the bytes that the table says it has; or of those there are. */
static int cut_to_length(struct kp_view *table, struct kp_error *err)
{
	uint32_t length = 0;

	kp_view_u32(*table, OFF_LENGTH, &length);
	if (length > table->len)
		return kp_fail(err, KP_MACHINE, "the MADT says it has %" PRIu32
			       " bytes, there are %zu", length, table->len);
	table->len = length;
	return 0;
}

int kp_madt_parse(struct kp_view table, struct kp_arena *arena, struct kp_madt *out,
		  struct kp_error *err)
{
	struct walk w = { .table = table, .arena = arena };
	struct kp_error short_by = { 0 };

	if (check_header(table, err))
		return -1;
	cut_to_length(&w.table, &short_by);
	walk(&w, &w.madt.damage);
	if (w.madt.damage.code == KP_NO_MEMORY) {
		*err = w.madt.damage;
		return -1;
	}
	if (short_by.code != KP_OK)
		w.madt.damage = short_by;
	*out = w.madt;
	return 0;
}
