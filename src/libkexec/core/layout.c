/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout.h"
#include "memory.h"

static int need_iomem(const struct kp_machine *machine, struct kp_error *err)
{
	if (machine->system_ram.n)
		return 0;
	return kp_fail(err, KP_MACHINE,
		       "/proc/iomem shows no System RAM: addresses are hidden from all "
		       "but root");
}

int kp_layout_ram(const struct kp_machine *machine, struct kp_ranges *ram, struct kp_error *err)
{
	struct kp_ranges next = { .arena = ram->arena };

	if (need_iomem(machine, err) ||
	    kp_memmap_ranges(kp_memory_map(machine), KP_MEM_RAM, &next, err))
		return -1;
	if (!next.n)
		return kp_fail(err, KP_MACHINE, "neither /sys/firmware/memmap nor /proc/iomem "
			       "shows RAM that the next kernel could have");
	if (kp_ranges_intersect(&next, &machine->system_ram, ram, err))
		return -1;
	for (size_t i = 0; i < machine->gart.n; i++)
		if (kp_ranges_subtract(ram, machine->gart.v[i], err))
			return -1;
	return 0;
}

static int crash_room(const struct kp_machine *machine, struct kp_ranges *room,
		      struct kp_error *err)
{
	struct kp_range crashk = kp_memory_crash(machine);

	if (need_iomem(machine, err))
		return -1;
	if (kp_range_is_none(crashk))
		return kp_fail(err, KP_NO_CRASHKERNEL, "no memory is reserved for a crash kernel: "
			       "boot with crashkernel=256M, for example");
	return kp_ranges_add(room, crashk, err);
}

int kp_layout_open(const struct kp_request *req, const struct kp_machine *machine,
		   const struct kp_image *image, struct kp_arena *arena, struct kp_room *room,
		   struct kp_error *err)
{
	uint64_t min = kp_max(req->mem_min, KP_LOW_1M.last + 1);

	*room = (struct kp_room){ .free.arena = arena, .max = req->mem_max ?: UINT64_MAX };
	room->image_max = image->above_4g ? room->max : kp_min(room->max, KP_4G_LAST);
	if (min > room->max)
		return kp_fail(err, KP_USAGE, "the lowest address allowed, %#llx, is above the "
			       "highest, %#llx", (unsigned long long)min,
			       (unsigned long long)room->max);
	if (req->slot == KP_CRASH ? crash_room(machine, &room->free, err)
				  : kp_layout_ram(machine, &room->free, err))
		return -1;
	if (kp_ranges_subtract(&room->free, kp_range(0, min - 1), err))
		return -1;
	if (room->max == UINT64_MAX)
		return 0;
	return kp_ranges_subtract(&room->free, kp_range(room->max + 1, UINT64_MAX), err);
}

/* Below 4 GiB if that works, else wherever the wish says. */
static int place_low_first(struct kp_room *room, const struct kp_place *wish, struct kp_range *at,
			   struct kp_error *err)
{
	struct kp_place low = *wish;
	struct kp_error low_err = { 0 };

	low.max = kp_min(wish->max, KP_4G_LAST);
	if (low.min > low.max || low.max == wish->max)
		return kp_ranges_place(&room->free, wish, at, err);
	if (!kp_ranges_place(&room->free, &low, at, &low_err))
		return 0;
	return kp_ranges_place(&room->free, wish, at, err);
}

/*
 * A bzImage's decompressor that finds itself below pref_address unpacks to pref_address instead
 * (arch/x86/boot/compressed/head_64.S), over whatever lies there, our live IDT included.
 */
static uint64_t lowest_start(const struct kp_image *image)
{
	if (image->format == KP_FORMAT_BZIMAGE64)
		return kp_max(image->min_start, image->pref_start);
	return image->min_start;
}

int kp_layout_kernel(struct kp_room *room, const struct kp_image *image, struct kp_range *at,
		     struct kp_error *err)
{
	uint64_t bytes = kp_align_up(image->mem_bytes, KP_PAGE);
	struct kp_place preferred = {
		.what = "the kernel", .bytes = bytes, .align = KP_PAGE,
		.min = image->pref_start, .max = kp_range_of(image->pref_start, bytes).last,
		.from = KP_LOWEST,
	};
	struct kp_place anywhere = {
		.what = "the kernel", .bytes = bytes, .align = image->align,
		.min = lowest_start(image), .max = room->image_max, .from = KP_LOWEST,
	};
	struct kp_error preferred_err = { 0 };

	if (preferred.max <= room->image_max && image->pref_start >= image->min_start &&
	    !kp_ranges_place(&room->free, &preferred, at, &preferred_err))
		return 0;
	if (!image->relocatable)
		return kp_fail(err, KP_NO_ROOM, "the kernel runs at %#llx-%#llx only, which is not "
			       "free", (unsigned long long)preferred.min,
			       (unsigned long long)preferred.max);
	return place_low_first(room, &anywhere, at, err);
}

int kp_layout_place(struct kp_room *room, const char *what, uint64_t bytes, struct kp_range within,
		    struct kp_range *at, struct kp_error *err)
{
	/* Clamp so that rounding up cannot overflow; placement then fails. */
	struct kp_place wish = {
		.what = what, .bytes = kp_align_up(kp_min(bytes, -KP_PAGE), KP_PAGE),
		.align = KP_PAGE, .min = within.start, .max = kp_min(within.last, room->max),
		.from = KP_HIGHEST,
	};

	return place_low_first(room, &wish, at, err);
}
