/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The small texts of /proc and /sys: text, cpuinfo, firmware, facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cpuinfo.h"
#include "facts.h"
#include "firmware.h"
#include "text.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct kp_view view(const char *text)
{
	return (struct kp_view){ (const uint8_t *)text, strlen(text) };
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned base;
		bool good;
		uint64_t n;
	} rows[] = {
		{ "0", 10, true, 0 },
		{ " 42\n", 10, true, 42 },
		{ "18446744073709551615", 10, true, UINT64_MAX },
		{ "18446744073709551616", 10, false, 0 },
		{ "ff", 16, true, 255 },
		{ "0xFF\n", 16, true, 255 },
		{ "0Xff", 16, true, 255 },
		{ "ffffffffffffffff", 16, true, UINT64_MAX },
		{ "10000000000000000", 16, false, 0 },
		{ "", 10, false, 0 },
		{ "\n", 16, false, 0 },
		{ "0x", 16, false, 0 },
		{ "0x10", 10, false, 0 },
		{ "ff", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ "1 2", 10, false, 0 },
		{ "12\n34", 10, false, 0 },
		{ "(null)", 16, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		uint64_t n = 0;

		if (kp_text_u64(view(rows[i].text), rows[i].base, &n) != rows[i].good)
			fail_msg("\"%s\" in base %u", rows[i].text, rows[i].base);
		assert_true(n == rows[i].n);
	}
}

static void a_bad_number_is_quoted_on_one_line(void **state)
{
	struct kp_error err = { 0 };
	uint64_t n;

	(void)state;
	assert_int_equal(kp_text_number(view("many\nlines"), 10, 9, &n, &err), -1);
	assert_non_null(strstr(err.text, "\"many\""));
	assert_null(strchr(err.text, '\n'));
	assert_int_equal(kp_text_number(view("10"), 10, 9, &n, &err), -1);
	assert_int_equal(kp_text_number(view("9"), 10, 9, &n, &err), 0);
}

static const char two_cpus[] =
	"processor\t: 0\nvendor_id\t: AuthenticAMD\napicid\t\t: 0\n"
	"flags\t\t: fpu vme la57 hypervisor sev sev_es\npower management:\n\n"
	"processor\t: 5\nvendor_id\t: AuthenticAMD\napicid\t\t: 17\n"
	"flags\t\t: fpu\npower management:\n\n";

static void cpuinfo(void **state)
{
	struct kp_arena arena = { 0 };
	struct kp_error err = { 0 };
	struct kp_cpuinfo ci;
	uint32_t id, *ids;
	size_t n;

	(void)state;
	kp_cpuinfo_parse(view(two_cpus), &ci);
	assert_true(ci.la57 && ci.hypervisor && ci.sev && ci.sev_es && ci.amd);
	assert_false(ci.sev_snp || ci.tdx_guest);
	assert_true(kp_cpuinfo_apic_id(view(two_cpus), 5, &id));
	assert_int_equal(id, 17);
	assert_false(kp_cpuinfo_apic_id(view(two_cpus), 1, &id));
	assert_int_equal(kp_cpuinfo_apic_ids(view("apicid : 9\napicid : x\ninitial apicid : 4\n"
						  "apicid : 3\n"),
					     &arena, &ids, &n, &err),
			 0);
	assert_int_equal(n, 2);
	assert_true(ids[0] == 3 && ids[1] == 9);
	kp_arena_free(&arena);
	kp_cpuinfo_parse(view("flags : nola57 la57x\n"), &ci);
	assert_false(ci.la57);
	kp_cpuinfo_parse(view(""), &ci);
	assert_false(ci.la57 || ci.amd);
}

static void edd_extensions(void **state)
{
	(void)state;
	assert_int_equal(kp_edd_extensions(view("Fixed disk access\nEnhanced Disk Drive support\n")),
			 0x5);
	assert_int_equal(kp_edd_extensions(view("Device locking and ejecting\n64-bit extensions\n")),
			 0xa);
	assert_int_equal(kp_edd_extensions(view("something new\n")), 0);
}

static void efi_descriptor(void **state)
{
	static const struct kp_efi_desc d = {
		.type = 5, .phys_addr = 0x1122334455667000, .virt_addr = 0xfffffffeffe00000,
		.num_pages = 0x30, .attribute = 0x800000000000000f,
	};
	uint8_t bytes[KP_EFI_DESC_BYTES], want[KP_EFI_DESC_BYTES] = {
		5, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x70, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0, 0, 0xe0, 0xff, 0xfe, 0xff, 0xff, 0xff, 0x30, 0, 0, 0, 0, 0, 0, 0,
		0x0f, 0, 0, 0, 0, 0, 0, 0x80,
	};

	(void)state;
	kp_efi_desc_encode(&d, bytes);
	assert_memory_equal(bytes, want, sizeof(want));
}

static void efi_systab(void **state)
{
	static const char text[] = "ACPI20=0x7fb7e014\nACPI=0x7fb7e000\nSMBIOS3=0x7f9ea000\n";

	(void)state;
	assert_true(kp_efi_systab_find(view(text), "ACPI20=") == 0x7fb7e014);
	assert_true(kp_efi_systab_find(view(text), "SMBIOS=") == 0);
}

static void facts_read_back(void **state)
{
	struct kp_machine a = {
		.arch = "x86_64", .tsc_khz = 2994374, .bsp_known = true, .bsp_apic_id = 6,
		.ebda = 0x9fc00, .confidential = "SEV-SNP", .devmem_error = "/dev/mem: why = this",
	};
	struct kp_machine b = { 0 }, none = { 0 };
	struct kp_error err = { 0 };
	char *text;

	(void)state;
	text = kp_facts_print(&a, &a.arena, &err);
	assert_non_null(text);
	assert_int_equal(kp_facts_parse(view(text), &b, &err), 0);
	assert_string_equal(b.arch, a.arch);
	assert_string_equal(b.confidential, a.confidential);
	assert_string_equal(b.devmem_error, a.devmem_error);
	assert_true(b.tsc_khz == a.tsc_khz && b.bsp_known && b.bsp_apic_id == 6 &&
		    b.ebda == a.ebda);
	kp_arena_free(&b.arena);

	text = kp_facts_print(&none, &a.arena, &err);
	assert_int_equal(kp_facts_parse(view(text), &none, &err), 0);
	assert_false(none.bsp_known);
	assert_null(none.arch);
	kp_arena_free(&a.arena);
}

static void bad_facts(void **state)
{
	static const char *const rows[] = {
		"# c\nbogus=1\n", "# c\ntsc_khz=fast\n", "# c\ntsc_khz=4294967296\n",
		"# c\nbsp_apic_id=4294967295\n", "\nebda=0x100001\n", "\njust words\n",
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct kp_machine m = { 0 };
		struct kp_error err = { 0 };

		if (kp_facts_parse(view(rows[i]), &m, &err) != -1)
			fail_msg("\"%s\" was believed", rows[i]);
		assert_non_null(strstr(err.text, "line 2"));
		kp_arena_free(&m.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(a_bad_number_is_quoted_on_one_line),
		cmocka_unit_test(cpuinfo),
		cmocka_unit_test(edd_extensions),
		cmocka_unit_test(efi_descriptor),
		cmocka_unit_test(efi_systab),
		cmocka_unit_test(facts_read_back),
		cmocka_unit_test(bad_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
