/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "e820.h"
#include "layout.h"

static int add_normal(const struct kp_machine *machine, struct kp_memmap *map, struct kp_error *err)
{
	const struct kp_memmap *firmware = &machine->firmware;

	for (size_t i = 0; i < firmware->n; i++)
		if (kp_memmap_add(map, firmware->v[i].start, firmware->v[i].last,
				  firmware->v[i].type, err))
			return -1;
	return 0;
}

static int add_crash(const struct kp_machine *machine, struct kp_memmap *map, struct kp_error *err)
{
	const struct kp_memmap *firmware = &machine->firmware;
	const struct kp_ranges *crashk = &machine->crashk;

	for (size_t i = 0; i < firmware->n; i++) {
		struct kp_mem m = firmware->v[i];

		if (m.type == KP_MEM_RAM)
			m.last = kp_min(m.last, KP_BACKUP_LAST);
		if (m.start <= m.last && kp_memmap_add(map, m.start, m.last, m.type, err))
			return -1;
	}
	for (size_t i = 0; i < crashk->n; i++)
		if (kp_memmap_add(map, crashk->v[i].start, crashk->v[i].last, KP_MEM_RAM, err))
			return -1;
	return 0;
}

int kp_e820_build(const struct kp_machine *machine, enum kp_slot slot,
		  const struct kp_range *reserved, size_t n_reserved, struct kp_memmap *map,
		  struct kp_error *err)
{
	int rc = slot == KP_CRASH ? add_crash(machine, map, err) : add_normal(machine, map, err);

	if (rc || kp_memmap_normalise(map, err))
		return -1;
	for (size_t i = 0; i < n_reserved; i++)
		if (kp_memmap_set(map, reserved[i].start, reserved[i].last, KP_MEM_RESERVED, err))
			return -1;
	return 0;
}
