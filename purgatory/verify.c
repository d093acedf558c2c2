/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify.h"

#include "console.h"
#include "cpu.h"
#include "digest.h"
#include "record.h"
#include "traps.h"
#include "x86.h"

static bool cpu_has_sha_ni(void)
{
	uint32_t leaf7_ebx = cpuid(0).eax >= 7 ? cpuid(7).ebx : 0;

	return kp_digest_sha_ni(leaf7_ebx, cpuid(1).ecx);
}

/*
 * An SSE instruction needs OSFXSR set and EM clear, or it is an invalid opcode, and TS clear, or it
 * waits for somebody to restore its registers (SDM volume 3, 2.5). Nothing is to be restored: the
 * next kernel expects nothing in them. OSXMMEXCPT is about floating point, which stays unused.
 */
static void enable_sse(uint64_t cr0, uint64_t cr4)
{
	write_cr0(cr0 & ~(uint64_t)(X86_CR0_EM | X86_CR0_TS));
	write_cr4(cr4 | X86_CR4_OSFXSR);
}

struct job {
	const struct purgatory_params *params;
	struct kp_digest digest;
	uint64_t mismatch;         /* the first region that differs, or that is being read; 0: none */
};

static void hash_region(struct job *job, uint32_t i)
{
	const struct purgatory_region *r = &job->params->regions[i];
	const uint64_t before = job->mismatch;

	job->mismatch = before ?: r->start;
	kp_digest_region(&job->digest, phys_ptr(r->start), r->bytes);
	if (kp_digest_mark(&job->digest) == job->params->marks[i])
		job->mismatch = before;
	record.digest_bytes += r->bytes;
}

static void hash_regions(void *arg)
{
	struct job *job = arg;

	for (uint32_t i = 0; i < job->params->n_regions; i++)
		hash_region(job, i);
}

static void say_poisoned(void)
{
	say("machine check in the digest: bank %u, status 0x%lx, address 0x%lx", record.mce.bank,
	    record.mce.status, record.mce.address);
}

bool digest_matches(const struct purgatory_params *p)
{
	uint64_t cr0 = read_cr0(), cr4 = read_cr4();
	uint8_t digest[KP_DIGEST_BYTES];
	struct job job = { .params = p };
	unsigned int differ = 0;
	bool whole;

	kp_digest_init(&job.digest, cpu_has_sha_ni());
	enable_sse(cr0, cr4);
	whole = guarded(hash_regions, &job);
	write_cr4(cr4);
	write_cr0(cr0);
	record.mismatch = job.mismatch ?: (uintptr_t)p->digest;
	if (!whole) {
		record.mismatch = record.mce.address ?: record.mismatch;
		say_poisoned();
		return false;
	}
	kp_digest_final(&job.digest, digest);
	for (unsigned int i = 0; i < KP_DIGEST_BYTES; i++)
		differ |= digest[i] ^ p->digest[i];
	if (!differ)
		record.mismatch = 0;
	return !differ;
}
