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
	/* features of dom0, a PV guest and an HVM guest as Linux 6.1 shows them on Xen 4.17 */
	static const struct {
		const char *what, *type, *guest_type, *features, *capabilities, *domain;
	} rows[] = {
		{ "no hypervisor", "", "", "", "", NULL },
		{ "KVM", "kvm
", "", "", "", NULL },
		{ "PV dom0", "xen
", "PV
", "00002a73
", "control_d
", "dom0" },
		{ "PVH dom0", "xen
", "PVH
", "00002f05
", "", "dom0" },
		{ "dom0 without sysfs", "", "", "", "control_d
", "dom0" },
		{ "PV guest", "xen
", "PV
", "00002273
", "
", "PV guest" },
		{ "PV guest, no features", "xen
", "PV
", "", "", "PV guest" },
		{ "HVM guest", "xen
", "HVM
", "00002705
", "
", NULL },
		{ "PVH guest", "xen
", "PVH
", "00002705
", "", NULL },
		{ "unreadable features", "xen
", "HVM
", "what
", "", NULL },
		{ "another hypervisor's PV", "other
", "PV
", "ffffffff
", "", NULL },
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
