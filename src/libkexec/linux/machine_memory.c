/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The maps of memory, and the pages of low memory that may be park pages. */
#include "devmem.h"
#include "iomem.h"
#include "machine_linux.h"
#include "memory.h"
#include "park_page.h"
#include "reader.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define LOW_MEMORY	0xa0000ull

/* ---- memory ------------------------------------------------------------------------------- */

/*
 * One entry; its name may be newer than this program: then it is at least nobody's RAM.
 * 1 read, 0 not, -1 without memory.
 */
static int read_firmware_entry(struct kp_reader *r, uint32_t entry)
{
	struct kp_view name;
	uint64_t start, last;
	uint32_t type = KP_MEM_RESERVED;
	int rc;

	rc = kp_with_siblings(r, kp_get_number(r, 16, UINT64_MAX, &start,
					       "sys/firmware/memmap/%u/start", entry));
	if (rc > 0)
		rc = kp_with_siblings(r, kp_get_number(r, 16, UINT64_MAX, &last,
						       "sys/firmware/memmap/%u/end", entry));
	if (rc > 0)
		rc = kp_with_siblings(r, kp_get(r, &name, "sys/firmware/memmap/%u/type", entry));
	if (rc <= 0)
		return rc;
	if (kp_text_trim(name).len == 0)
		return kp_note_empty(r);
	kp_mem_type_parse(name, &type);
	snprintf(r->path, sizeof(r->path), "sys/firmware/memmap/%u/end", entry);
	return kp_memmap_add(&r->m->firmware, kp_range(start, last), type, r->err) ?
	       kp_senseless(r) : 1;
}

/* Half a map is none: what it lacks could be memory that nobody may touch. */
int kp_read_firmware_map(struct kp_reader *r)
{
	uint32_t *entries;
	int rc = 1;
	size_t n;

	if (kp_get_numbers(r, "sys/firmware/memmap", "", 10, &entries, &n))
		return -1;
	for (size_t i = 0; i < n && rc > 0; i++)
		rc = read_firmware_entry(r, entries[i]);
	if (rc <= 0)
		r->m->firmware.n = 0;
	if (rc < 0 || kp_memmap_normalise(&r->m->firmware, r->err))
		return -1;
	return kp_memmap_ranges(&r->m->firmware, KP_MEM_RESERVED, &r->reserved, r->err);
}

int kp_read_iomem(struct kp_reader *r)
{
	struct kp_iomem io;
	struct kp_view text;
	int rc = kp_get(r, &text, "proc/iomem");

	if (rc <= 0)
		return rc;
	if (kp_need_whole_lines(r, text) || kp_iomem_read(text, &r->m->arena, &io, r->err))
		return kp_senseless(r);
	r->m->iomem = io.map;
	r->m->system_ram = io.system_ram;
	r->m->top_ram = io.top_ram;
	r->m->driver_ram = io.driver_ram;
	r->m->gart = io.gart;
	r->m->crashk = io.crashk;
	r->m->kernel_code = io.kernel_code;
	for (size_t i = 0; i < io.reserved.n; i++)
		if (kp_ranges_add(&r->reserved, io.reserved.v[i], r->err))
			return -1;
	return 0;
}

int kp_read_total_ram(struct kp_reader *r)
{
	struct kp_view text;
	int rc = kp_get(r, &text, "proc/meminfo");

	if (rc > 0)
		r->m->total_ram = kp_memory_total(text);
	return rc < 0 ? -1 : 0;
}

/* ---- low memory --------------------------------------------------------------------------- */

/* Every whole page of Reserved memory where a park page may be; their bytes come after. */
static int list_low_pages(struct kp_reader *r)
{
	struct kp_machine *m = r->m;
	size_t cap = 0;

	for (uint64_t at = PARK_PAGE_LOWEST; at < PARK_PAGE_CEILING; at += PARK_PAGE_SIZE) {
		struct kp_low_page *v;

		if (!kp_ranges_cover(&r->reserved, kp_range_of(at, PARK_PAGE_SIZE)))
			continue;
		v = kp_arena_grow(&m->arena, m->low_pages, m->n_low_pages, &cap, sizeof(*v),
				  r->err);
		if (!v)
			return -1;
		m->low_pages = v;
		v[m->n_low_pages++] = (struct kp_low_page){ .phys = at };
	}
	return 0;
}

/* Where the RAM below the video memory ends: what firmware put above it is not to be touched. */
static uint64_t low_ram_end(const struct kp_machine *m)
{
	uint64_t end = 0;

	for (size_t i = 0; i < m->firmware.n; i++)
		if (m->firmware.v[i].type == KP_MEM_RAM && m->firmware.v[i].at.start < LOW_MEMORY)
			end = m->firmware.v[i].at.last + 1;
	for (size_t i = 0; end == 0 && i < m->system_ram.n; i++)
		if (m->system_ram.v[i].start < LOW_MEMORY)
			end = m->system_ram.v[i].last + 1;
	return end > LOW_MEMORY ? LOW_MEMORY : end;
}

/* The word at 0x40e of the BIOS data area is its segment; nonsense on a machine without BIOS. */
static void read_ebda(struct kp_devmem *dm, struct kp_machine *m)
{
	uint8_t word[2];
	uint64_t ebda = 0;

	if (kp_devmem_read(dm, 0x40e, word, sizeof(word)))
		ebda = (uint64_t)(word[0] | word[1] << 8) << 4;
	m->ebda = low_ram_end(m);
	if (ebda >= 0x20000 && ebda < LOW_MEMORY && (m->ebda == 0 || ebda < m->ebda))
		m->ebda = ebda;
}

static int read_live_low_memory(struct kp_reader *r)
{
	struct kp_machine *m = r->m;
	struct kp_devmem dm;
	int rc = 0;

	kp_devmem_open(r->root, &dm);
	read_ebda(&dm, m);
	for (size_t i = 0; rc == 0 && i < m->n_low_pages; i++) {
		uint8_t *bytes = kp_arena_alloc(&m->arena, PARK_PAGE_SIZE, r->err);

		if (!bytes)
			rc = -1;
		else if (kp_devmem_read(&dm, m->low_pages[i].phys, bytes, PARK_PAGE_SIZE))
			m->low_pages[i].bytes = bytes;
	}
	if (rc == 0 && dm.why[0]) {
		m->devmem_error = kp_arena_strndup(&m->arena, dm.why, strlen(dm.why), r->err);
		rc = m->devmem_error ? 0 : -1;
	}
	kp_devmem_close(&dm);
	return rc;
}

static int read_captured_page(struct kp_reader *r, struct kp_low_page *page)
{
	struct kp_view bytes;
	uint8_t *copy;
	int rc = kp_get(r, &bytes, KP_LOW_PAGE_PATH, page->phys);

	if (rc <= 0)
		return rc;
	if (bytes.len != 0 && bytes.len != PARK_PAGE_SIZE) {
		kp_fail(r->err, KP_MACHINE, "has %zu bytes, not 0 or %d", bytes.len,
			PARK_PAGE_SIZE);
		return kp_senseless(r);
	}
	copy = kp_arena_alloc(&r->m->arena, PARK_PAGE_SIZE, r->err);
	if (!copy)
		return -1;
	memcpy(copy, bytes.bytes, bytes.len);
	page->bytes = copy;
	return 0;
}

int kp_read_low_memory(struct kp_reader *r)
{
	if (list_low_pages(r))
		return -1;
	if (r->root->live)
		return read_live_low_memory(r);
	if (r->m->ebda == 0)
		r->m->ebda = low_ram_end(r->m);
	for (size_t i = 0; i < r->m->n_low_pages; i++)
		if (read_captured_page(r, &r->m->low_pages[i]))
			return -1;
	return 0;
}
