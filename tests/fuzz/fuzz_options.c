/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An argument vector, an argument a line; of a command called kexec if its length is odd. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "option_parse.h"

#define MOST_ARGS 32

struct args {
	char *text;
	char *v[MOST_ARGS + 1];
	int n;
};

static void cut(const uint8_t *data, size_t size, struct args *args)
{
	static char as_kexec[] = "kexec", as_park[] = "kexec-park";
	char *rest;

	*args = (struct args){ .text = calloc(1, size + 1) };
	REQUIRE(args->text);
	memcpy(args->text, data, size);
	args->v[args->n++] = size % 2 ? as_kexec : as_park;
	rest = args->text;
	for (char *arg; args->n < MOST_ARGS && (arg = strsep(&rest, "\n"));)
		args->v[args->n++] = arg;
}

/* Whether a string is one of the arguments or the tail of one: nothing else can be pointed to. */
static bool is_of(const char *text, const uint8_t *data, size_t size, const struct args *args)
{
	(void)data;
	return text >= args->text && text <= args->text + size;
}

static void check_request(const struct kp_request *r, const uint8_t *data, size_t size,
			  const struct args *args)
{
	REQUIRE(r->slot == KP_NORMAL || r->slot == KP_CRASH);
	REQUIRE(r->on_mismatch <= KP_MISMATCH_BOOT && r->park <= KP_PARK_TRY);
	REQUIRE(r->park_mode <= KP_PARK_CLGI && r->n_initrds < (size_t)args->n);
	REQUIRE(r->park != KP_PARK_AT || r->park_addr % 4096 == 0);
	REQUIRE(!r->image || is_of(r->image, data, size, args));
	REQUIRE(!r->cmdline || is_of(r->cmdline, data, size, args));
	for (size_t i = 0; i < r->n_initrds; i++)
		REQUIRE(is_of(r->initrds[i], data, size, args) && *r->initrds[i]);
}

static void check_options(const struct options *o, const uint8_t *data, size_t size,
			  const struct args *args)
{
	bool loads = o->action <= ACTION_LOAD_EXEC;
	bool tells = o->action == ACTION_HELP || o->action == ACTION_VERSION;

	REQUIRE(o->action <= ACTION_VERSION);
	REQUIRE(o->root);
	REQUIRE(!loads || (o->request.image && *o->request.image));
	REQUIRE(loads || tells || !o->plan);
	check_request(&o->request, data, size, args);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* getopt keeps state: the same words must mean the same again. */
static void check_again(const uint8_t *data, size_t size, int first_rc,
			const struct options *first, const struct kp_error *first_err)
{
	struct kp_error err = { 0 };
	struct options opts;
	struct args args;
	int rc;

	cut(data, size, &args);
	rc = options_parse(args.n, args.v, &opts, &err);
	REQUIRE(rc == first_rc && same_text(err.text, first_err->text));
	if (rc == 0) {
		REQUIRE(opts.action == first->action && opts.request.slot == first->request.slot);
		REQUIRE(same_text(opts.request.image, first->request.image));
		options_free(&opts);
	}
	free(args.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_error err = { 0 };
	struct options opts;
	struct args args;
	int rc;

	cut(data, size, &args);
	rc = options_parse(args.n, args.v, &opts, &err);
	REQUIRE(rc == 0 || rc == -1);
	if (rc == -1)
		REQUIRE(err.code == KP_USAGE && err.text[0]);
	else
		check_options(&opts, data, size, &args);
	check_again(data, size, rc, &opts, &err);
	if (rc == 0)
		options_free(&opts);
	free(args.text);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	uint64_t state = seed;

	return fuzz_mutate_lines(data, size, most, &state);
}
