/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "e820.h"
#include "memory.h"

static int add_normal(const struct kp_machine *machine, struct kp_memmap *map, struct kp_error *err)
{
	const struct kp_memmap *source = kp_memory_map(machine);

	for (size_t i = 0; i < source->n; i++)
		if (kp_memmap_add(map, source->v[i].at, source->v[i].type, err))
			return -1;
	return 0;
}

static int add_crash(const struct kp_machine *machine, struct kp_memmap *map, struct kp_error *err)
{
	const struct kp_memmap *source = kp_memory_map(machine);
	struct kp_ranges given = { .arena = map->arena };

	if (kp_memory_cma(machine, &given, err))
		return -1;
	for (size_t i = 0; i < machine->crashk.n; i++)
		if (kp_ranges_add(&given, machine->crashk.v[i], err))
			return -1;
	for (size_t i = 0; i < source->n; i++) {
		struct kp_mem m = source->v[i];

		if (m.type == KP_MEM_RAM)
			m.at = kp_range_common(m.at, KP_BACKUP);
		if (!kp_range_is_none(m.at) && kp_memmap_add(map, m.at, m.type, err))
			return -1;
	}
	for (size_t i = 0; i < given.n; i++)
		if (kp_memmap_add(map, given.v[i], KP_MEM_RAM, err))
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
		if (kp_memmap_set(map, reserved[i], KP_MEM_RESERVED, err))
			return -1;
	return 0;
}
