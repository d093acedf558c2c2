/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify.h"

#include "cpu.h"
#include "digest.h"
#include "record.h"
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

static void hash_regions(struct kp_digest *d, const struct purgatory_params *p)
{
	for (uint32_t i = 0; i < p->n_regions; i++) {
		kp_digest_region(d, phys_ptr(p->regions[i].start), p->regions[i].bytes);
		record.digest_bytes += p->regions[i].bytes;
	}
}

bool digest_matches(const struct purgatory_params *p)
{
	uint64_t cr0 = read_cr0(), cr4 = read_cr4();
	uint8_t digest[KP_DIGEST_BYTES];
	unsigned int differ = 0;
	struct kp_digest d;

	kp_digest_init(&d, cpu_has_sha_ni());
	enable_sse(cr0, cr4);
	hash_regions(&d, p);
	write_cr4(cr4);
	write_cr0(cr0);
	kp_digest_final(&d, digest);
	for (unsigned int i = 0; i < KP_DIGEST_BYTES; i++)
		differ |= digest[i] ^ p->digest[i];
	return !differ;
}
