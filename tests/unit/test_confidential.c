/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which guests are confidential, from every source that tells; and that kexec_load(2) is refused there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "confidential.h"

#define GUEST .hypervisor = true, .amd = true

static const struct row {
	const char *what;
	struct kp_cpuinfo cpu;
	struct kp_confidential c;
	const char *name;
} rows[] = {
	{ "bare metal", { 0 }, { 0 }, NULL },
	{ "an EPYC host", { .amd = true, .sev = true, .sev_es = true, .sev_snp = true },
	  { .sev_leaf = 0x1f }, NULL },
	{ "a host's register is not asked", { .amd = true }, { .status_known = true, .status = 7 },
	  NULL },
	{ "a plain guest", { GUEST }, { 0 }, NULL },
	{ "flag sev", { GUEST, .sev = true }, { 0 }, "SEV" },
	{ "flag sev_es", { GUEST, .sev = true, .sev_es = true }, { 0 }, "SEV-ES" },
	{ "flag sev_snp", { GUEST, .sev_snp = true }, { 0 }, "SEV-SNP" },
	{ "CPUID: SEV, flags cleared by Linux", { GUEST }, { .sev_leaf = 0x2 }, "SEV" },
	{ "CPUID: SEV-ES", { GUEST }, { .sev_leaf = 0xa }, "SEV-ES" },
	{ "CPUID: SEV-SNP", { GUEST }, { .sev_leaf = 0x1a }, "SEV-SNP" },
	{ "CPUID: SME and VM page flush only", { GUEST }, { .sev_leaf = 0x5 }, NULL },
	{ "register: SEV", { GUEST }, { .status_known = true, .status = 1 }, "SEV" },
	{ "register: SEV-ES", { GUEST }, { .status_known = true, .status = 3 }, "SEV-ES" },
	{ "register: SEV-SNP", { GUEST }, { .status_known = true, .status = 7 }, "SEV-SNP" },
	{ "a root partition that can have guests", { GUEST, .sev = true, .sev_es = true },
	  { .status_known = true, .status = 0, .sev_leaf = 0xa }, NULL },
	{ "boot_params of SNP firmware", { GUEST }, { .cc_blob = true }, "SEV-SNP" },
	{ "boot_params of a host", { .amd = true }, { .cc_blob = true }, NULL },
	{ "flag tdx_guest", { .hypervisor = true, .tdx_guest = true }, { 0 }, "TDX" },
	{ "CPUID: TDX", { .hypervisor = true }, { .tdx_leaf = true }, "TDX" },
	{ "Hyper-V: SNP under a paravisor", { GUEST }, { .hyperv_isolation = 0x12 }, "SEV-SNP" },
	{ "Hyper-V: TDX under a paravisor", { .hypervisor = true }, { .hyperv_isolation = 3 },
	  "TDX" },
	{ "Hyper-V: isolated by virtualization only", { GUEST }, { .hyperv_isolation = 1 }, NULL },
};

static void each_source_tells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kp_confidential c = rows[i].c;
		const char *name;

		c.cpu = &rows[i].cpu;
		name = kp_confidential_name(&c);
		if (!name != !rows[i].name || (name && strcmp(name, rows[i].name)))
			fail_msg("%s: %s", rows[i].what, name ? name : "none");
	}
}

static void each_kind_is_refused_with_its_reason(void **state)
{
	static const struct { const char *guest, *reason; } kinds[] = {
		{ "TDX", "CR4.MCE" }, { "SEV", "ciphertext" }, { "SEV-ES", "MSRs trap" },
		{ "SEV-SNP", "MSRs trap" },
		{ "of a later kind, as a capture may have it", "MSRs trap" },
	};
	struct kp_machine m = { 0 };
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_confidential_refuse(&m, &err), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		m.confidential = kinds[i].guest;
		assert_int_equal(kp_confidential_refuse(&m, &err), -1);
		assert_int_equal(err.code, KP_CONFIDENTIAL);
		assert_non_null(strstr(err.text, kinds[i].guest));
		assert_non_null(strstr(err.text, kinds[i].reason));
		assert_non_null(strstr(err.text, "kexec_file_load(2) can be used"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_source_tells),
		cmocka_unit_test(each_kind_is_refused_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
