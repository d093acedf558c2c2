/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory runs out at each allocation in turn, from reading a machine to the finished plan. The
 * arena is built without shared blocks here, and the linker sends every allocation of the
 * library to this file: the n-th is refused, and all that were made must be given back.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "blobs.h"
#include "file.h"
#include "in_range.h"
#include "machine_linux.h"
#include "plan.h"

#define MOST_ALLOCATIONS 100000

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void __real_free(void *p);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);
void __wrap_free(void *p);

static long countdown;             /* allocations until one is refused */
static long live;                  /* made and not given back */
static bool refused;

static bool is_refused(void)
{
	if (countdown-- > 0)
		return false;
	refused = true;
	return true;
}

void *__wrap_malloc(size_t bytes)
{
	void *p = is_refused() ? NULL : __real_malloc(bytes);

	live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	void *p = is_refused() ? NULL : __real_calloc(n, bytes);

	live += p != NULL;
	return p;
}

void *__wrap_realloc(void *p, size_t bytes)
{
	void *moved = is_refused() ? NULL : __real_realloc(p, bytes);

	live += moved && !p;
	return moved;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

struct load {
	const char *machine, *image;
	struct kp_request req;
};

/* Whether the path of a file of the source tree fits; the tree is named by make check. */
static void path_of(char *path, size_t size, const char *name)
{
	const char *top = getenv("top_srcdir");

	assert_uint_in_range(snprintf(path, size, "%s/tests/%s", top ? top : ".", name), 1, size - 1);
}

static int make_plan(const struct load *load, const struct kp_machine *machine,
		     struct kp_view file, struct kp_error *err)
{
	static const uint8_t initrd[5000];
	const struct kp_view initrds[] = { { initrd, 5000 }, { initrd, 9 }, { initrd, 10 },
					   { initrd, 11 }, { initrd, 12 } };
	struct kp_blobs blobs = kp_blobs_embedded();
	struct kp_plan_build built = { 0 };
	struct kp_arena arena = { 0 };
	struct kp_image image;
	int rc = kp_image_parse(file, KP_FORMAT_AUTO, &arena, &image, err);

	if (!rc)
		rc = kp_plan_make(&load->req, machine, &image, initrds, 5, &blobs, &built, err);
	if (!rc)
		kp_arena_free(&built.arena);
	kp_arena_free(&arena);
	return rc;
}

/* The whole of it, with allocation number @n refused. */
static int run(const struct load *load, long n, struct kp_error *err)
{
	struct kp_machine *machine = NULL;
	struct kp_file file = { 0 };
	char root[512], image[512];
	int rc;

	path_of(root, sizeof(root), load->machine);
	path_of(image, sizeof(image), load->image);
	assert_int_equal(kp_file_map(image, &file, err), 0);
	live = 0;
	refused = false;
	countdown = n;
	rc = kp_machine_read(root, &machine, err);
	if (!rc) {
		rc = make_plan(load, machine, file.view, err);
		kp_machine_free(machine);
	}
	countdown = MOST_ALLOCATIONS;
	kp_file_unmap(&file);
	return rc;
}

static void refuse_each(const struct load *load)
{
	struct kp_error err;
	long n = 0;
	int rc;

	for (;; n++) {
		err = (struct kp_error){ 0 };
		rc = run(load, n, &err);
		if (live)
			fail_msg("%s: %ld blocks leak after allocation %ld was refused", load->image,
				 live, n);
		if (!refused)
			break;
		/* A file that cannot be read for want of memory is KP_IO with the errno. */
		if (rc != -1 || (err.code != KP_NO_MEMORY && err.sys != ENOMEM) || !err.text[0])
			fail_msg("%s: %d, code %d, \"%s\" after allocation %ld was refused",
				 load->image, rc, (int)err.code, err.text, n);
	}
	if (rc)
		fail_msg("%s: with all memory: %s", load->image, err.text);
	assert_uint_in_range(n, 30, MOST_ALLOCATIONS);
}

static void a_crash_load(void **state)
{
	static const struct load load = {
		"machines/uefi/root", "fuzz/corpus/bzimage/seed-image",
		{ .slot = KP_CRASH, .cmdline = "quiet -- x", .reuse_cmdline = true,
		  .park = KP_PARK_AUTO, .hotplug = true },
	};

	(void)state;
	refuse_each(&load);
}

static void a_normal_load(void **state)
{
	static const struct load load = {
		"machines/bios/root", "fuzz/corpus/elf/seed-linux", { .park = KP_PARK_TRY },
	};

	(void)state;
	refuse_each(&load);
}

static void an_elf_that_is_joined_in_memory(void **state)
{
	static const struct load load = {
		"machines/bios/root", "fuzz/corpus/elf/seed-many", { .no_checks = true },
	};

	(void)state;
	refuse_each(&load);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_load),
		cmocka_unit_test(a_normal_load),
		cmocka_unit_test(an_elf_that_is_joined_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
