/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usage: digest [STOCK.so]
 * Rates of the digest, measured on the objects that the purgatory is linked from, beside OpenSSL's
 * EVP and, from STOCK.so, the functions of stock kexec's purgatory (tests/bench/run makes that
 * file). One line a contender: its name, a tab, MB/s; or "-" and why it is not there.
 *
 * The contenders take turns, and the best turn of each counts: what else the machine does then
 * disturbs all of them alike, or nobody. Time is this thread's CPU time.
 */
#include <cpuid.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "digest.h"

/* A turn hashes one slice; all of them are far more than caches hold, as a crash kernel is. */
#define BYTES	((size_t)4 << 20)
#define SLICES	16
#define TURNS	(4 * SLICES)

/* sha256_ni.S, built with KP_SHA256_LANES=1. */
void kp_sha256_ni_one(uint32_t state[8], size_t blocks, const void *from);

/* sha_unit.S */
void sha_unit(size_t blocks);

static void ours(const uint8_t *data, bool sha_ni, uint8_t digest[KP_DIGEST_BYTES])
{
	struct kp_digest d;

	kp_digest_init(&d, sha_ni);
	kp_digest_region(&d, data, BYTES);
	kp_digest_final(&d, digest);
}

static void by_sha_ni(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	ours(data, true, digest);
}

static void by_sse2(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	ours(data, false, digest);
}

static void in_scalar_c(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	struct kp_sha256 s;

	kp_sha256_init(&s);
	kp_sha256_update(&s, data, BYTES);
	kp_sha256_final(&s, digest);
}

static void by_sha_ni_alone(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	struct kp_sha256 s;

	kp_sha256_init(&s);
	kp_sha256_ni_one(s.h, BYTES / KP_SHA256_BLOCK, data);
	s.bytes = BYTES;
	kp_sha256_final(&s, digest);
}

static void by_sha_unit_alone(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	(void)data;
	(void)digest;
	sha_unit(BYTES / KP_SHA256_BLOCK);
}

/* OpenSSL, by dlopen(): no header and no library of it is needed to build. */
static struct {
	int (*digest)(const void *data, size_t bytes, uint8_t *md, unsigned int *md_bytes,
		      const void *type, void *engine);
	const void *(*sha256)(void);
} evp;

static void openssl(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	unsigned int bytes;

	if (evp.digest(data, BYTES, digest, &bytes, evp.sha256(), NULL) != 1)
		abort();
}

/* kexec-tools 2.0.25: its context has 104 bytes, and these three take it first. */
static struct {
	void (*starts)(void *context);
	void (*update)(void *context, const uint8_t *data, size_t bytes);
	void (*finish)(void *context, uint8_t digest[32]);
} stock;

static void kexec_tools(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES])
{
	uint8_t context[512] __attribute__((aligned(16)));

	stock.starts(context);
	stock.update(context, data, BYTES);
	stock.finish(context, digest);
}

static void *symbol(void *library, const char *name)
{
	return library ? dlsym(library, name) : NULL;
}

static bool open_openssl(void)
{
	void *library = dlopen("libcrypto.so.3", RTLD_NOW);

	*(void **)&evp.digest = symbol(library, "EVP_Digest");
	*(void **)&evp.sha256 = symbol(library, "EVP_sha256");
	return evp.digest && evp.sha256;
}

static bool open_stock(const char *path)
{
	void *library = path ? dlopen(path, RTLD_NOW) : NULL;

	*(void **)&stock.starts = symbol(library, "sha256_starts");
	*(void **)&stock.update = symbol(library, "sha256_update");
	*(void **)&stock.finish = symbol(library, "sha256_finish");
	return stock.starts && stock.update && stock.finish;
}

static bool cpu_has_sha_ni(void)
{
	unsigned int eax, ebx7, ebx1, ecx7, ecx1, edx;

	return __get_cpuid_count(7, 0, &eax, &ebx7, &ecx7, &edx) &&
	       __get_cpuid(1, &eax, &ebx1, &ecx1, &edx) && kp_digest_sha_ni(ebx7, ecx1);
}

struct contender {
	const char *name, *missing;      /* missing: why it does not run; NULL: it does */
	void (*run)(const uint8_t *data, uint8_t digest[KP_DIGEST_BYTES]);
	enum { LANES, PLAIN, NOTHING } computes;  /* the digest, SHA-256 of the data, neither */
	double best;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A rate at which something else is computed is no rate. */
static void take_turn(struct contender *c, const uint8_t *data, unsigned int turn,
		      uint8_t right[SLICES][2][KP_DIGEST_BYTES])
{
	const unsigned int slice = turn % SLICES;
	uint8_t digest[KP_DIGEST_BYTES];
	double spent = seconds();

	c->run(data + slice * BYTES, digest);
	spent = seconds() - spent;
	if (c->computes != NOTHING &&
	    memcmp(digest, right[slice][c->computes], sizeof(digest)) != 0) {
		fprintf(stderr, "digest: %s computes another digest\n", c->name);
		exit(1);
	}
	if (!c->best || spent < c->best)
		c->best = spent;
}

static uint8_t *random_bytes(void)
{
	uint8_t *data = malloc(SLICES * BYTES);
	uint64_t x = 88172645463325252;

	if (!data)
		abort();
	for (size_t i = 0; i < SLICES * BYTES; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(data + i, &x, sizeof(x));
	}
	return data;
}

/* Of every slice, by what is computed of it. */
static void right_answers(const uint8_t *data, uint8_t right[SLICES][2][KP_DIGEST_BYTES])
{
	for (unsigned int i = 0; i < SLICES; i++) {
		by_sse2(data + i * BYTES, right[i][LANES]);
		in_scalar_c(data + i * BYTES, right[i][PLAIN]);
	}
}

int main(int argc, char **argv)
{
	const char *no_sha = cpu_has_sha_ni() ? NULL : "this CPU has no SHA extensions";
	struct contender contenders[] = {
		{ "kexec-tools", open_stock(argc > 1 ? argv[1] : NULL) ? NULL :
		  "no stock kexec whose purgatory could be taken out", kexec_tools, PLAIN, 0 },
		{ "openssl", open_openssl() ? NULL : "no libcrypto.so.3", openssl, PLAIN, 0 },
		{ "C, one message", NULL, in_scalar_c, PLAIN, 0 },
		{ "C, four lanes", NULL, by_sse2, LANES, 0 },
		{ "SHA-NI, one message", no_sha, by_sha_ni_alone, PLAIN, 0 },
		{ "SHA-NI, lanes in pairs", no_sha, by_sha_ni, LANES, 0 },
		{ "SHA-NI, its rounds alone", no_sha, by_sha_unit_alone, NOTHING, 0 },
	};
	const size_t n = sizeof(contenders) / sizeof(contenders[0]);
	static uint8_t right[SLICES][2][KP_DIGEST_BYTES];
	uint8_t *data = random_bytes();

	right_answers(data, right);
	for (unsigned int turn = 0; turn < TURNS; turn++)
		for (size_t i = 0; i < n; i++)
			if (!contenders[i].missing)
				take_turn(&contenders[i], data, turn + (unsigned int)i, right);
	for (size_t i = 0; i < n; i++)
		if (contenders[i].missing)
			printf("%s\t-\t%s\n", contenders[i].name, contenders[i].missing);
		else
			printf("%s\t%.0f\n", contenders[i].name,
			       (double)BYTES / contenders[i].best / 1e6);
	free(data);
	return 0;
}
