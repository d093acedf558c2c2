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
};

static void hash_regions(void *arg)
{
	struct job *job = arg;
	const struct purgatory_params *p = job->params;

	for (uint32_t i = 0; i < p->n_regions; i++) {
		kp_digest_region(&job->digest, phys_ptr(p->regions[i].start), p->regions[i].bytes);
		record.digest_bytes += p->regions[i].bytes;
	}
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
	if (!whole) {
		say_poisoned();
		return false;
	}
	kp_digest_final(&job.digest, digest);
	for (unsigned int i = 0; i < KP_DIGEST_BYTES; i++)
		differ |= digest[i] ^ p->digest[i];
	return !differ;
}
