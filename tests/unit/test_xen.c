/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which domains of Xen cannot load a kernel, by what /sys/hypervisor and /proc/xen show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "xen.h"

static struct kp_view view(const char *text)
{
	return (struct kp_view){ (const uint8_t *)text, strlen(text) };
}

static void domains(void **state)
{
	/* Bit 11 (0x800) of the features is XENFEAT_dom0. */
	static const struct {
		const char *what, *type, *guest_type, *features, *capabilities, *domain;
	} rows[] = {
		{ "no hypervisor", "", "", "", "", NULL },
		{ "KVM", "kvm\n", "", "", "", NULL },
		{ "PV dom0", "xen\n", "PV\n", "00002a73\n", "control_d\n", "dom0" },
		{ "PVH dom0", "xen\n", "PVH\n", "00002f05\n", "", "dom0" },
		{ "dom0 without sysfs", "", "", "", "control_d\n", "dom0" },
		{ "PV guest", "xen\n", "PV\n", "00002273\n", "\n", "PV guest" },
		{ "PV guest, no features", "xen\n", "PV\n", "", "", "PV guest" },
		{ "HVM guest", "xen\n", "HVM\n", "00002705\n", "\n", NULL },
		{ "PVH guest", "xen\n", "PVH\n", "00002705\n", "", NULL },
		{ "unreadable features", "xen\n", "HVM\n", "what\n", "", NULL },
		{ "another hypervisor's PV", "other\n", "PV\n", "ffffffff\n", "", NULL },
	};
	struct kp_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kp_xen_files files = { view(rows[i].type), view(rows[i].guest_type),
						    view(rows[i].features),
						    view(rows[i].capabilities) };
		const char *domain = kp_xen_domain(&files);

		if (!domain != !rows[i].domain || (domain && strcmp(domain, rows[i].domain)))
			fail_msg("%s: %s", rows[i].what, domain ? domain : "none");
		assert_int_equal(kp_xen_refuse(domain, &err), domain ? -1 : 0);
		if (domain)
			assert_non_null(strstr(err.text, domain));
	}
	assert_int_equal(err.code, KP_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(domains) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
