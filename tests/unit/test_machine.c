/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a machine out of a directory, and recording one into a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <elf.h>

#include "descriptors.h"
#include "in_range.h"
#include "park_page.h"
#include "capture.h"
#include "machine_linux.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- directories -------------------------------------------------------------------------- */

struct place {
	char top[64];              /* a directory of this test's own */
	char root[96];             /* the machine in it */
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->top, "/tmp/kp-machine-XXXXXX");
	if (!mkdtemp(p->top))
		return -1;
	snprintf(p->root, sizeof(p->root), "%s/root", p->top);
	*state = p;
	return mkdir(p->root, 0755);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *p = *state;
	int rc = nftw(p->top, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(p);
	return rc;
}

static void full_path(const struct place *p, const char *path, char full[512])
{
	snprintf(full, 512, "%s/%s", p->root, path);
	for (char *s = full + strlen(p->root) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(full, 0755);
		*s = '/';
	}
}

static void put_bytes(const struct place *p, const char *path, const void *bytes, size_t n)
{
	char full[512];
	FILE *f;

	full_path(p, path, full);
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void put(const struct place *p, const char *path, const char *text)
{
	put_bytes(p, path, text, strlen(text));
}

static struct kp_machine *must_read(const char *root)
{
	struct kp_machine *m = NULL;
	struct kp_error err = { 0 };

	if (kp_machine_read(root, &m, &err))
		fail_msg("%s", err.text);
	return m;
}

/* ---- a whole machine ---------------------------------------------------------------------- */

#define PARKED_AT 0x10000

static void put_memory(const struct place *p)
{
	static const char *const map[][3] = {
		{ "0x0", "0xffff", "System RAM" },
		{ "0x10000", "0x10fff", "Reserved" },
		{ "0x11000", "0x9fbff", "System RAM" },
		{ "0x9fc00", "0x9ffff", "Reserved" },
		{ "0xf0000", "0xfffff", "Reserved" },
		{ "0x100000", "0xbffdffff", "System RAM" },
		{ "0xbffe0000", "0xbfffffff", "ACPI Tables" },
		{ "0x100000000", "0x13fffffff", "System RAM" },
		{ "0x140000000", "0x14fffffff", "Something New" },
	};
	static const char *const files[] = { "start", "end", "type" };

	/* Numbered downwards, with a gap: neither order nor density may matter. */
	for (size_t i = 0; i < N(map); i++)
		for (size_t f = 0; f < 3; f++) {
			char path[96];

			snprintf(path, sizeof(path), "sys/firmware/memmap/%zu/%s", 200 - 10 * i,
				 files[f]);
			put(p, path, map[i][f]);
		}
	put(p, "proc/iomem",
	    "00000000-00000fff : Reserved\n00001000-0000ffff : System RAM\n"
	    "00010000-00010fff : Reserved\n00011000-0009fbff : System RAM\n"
	    "00058000-00058fff : Reserved\n"
	    "00100000-bffdffff : System RAM\n  01000000-01ffffff : Kernel code\n"
	    "  a0000000-afffffff : Crash kernel\n100000000-13fffffff : System RAM\n"
	    "  130000000-13fffffff : Crash kernel\n");
}

static void put_park_page(const struct place *p)
{
	uint8_t page[PARK_PAGE_SIZE] = { 0x90 };
	uint64_t magic = PARK_MAGIC;

	memcpy(page + PARK_OFF_MAGIC, &magic, sizeof(magic));
	put_bytes(p, "dev/mem.d/0x00010000", page, sizeof(page));
	put(p, "dev/mem.d/0x00058000", "");
}

static void put_cpus(const struct place *p)
{
	static const uint8_t madt[] = {
		'A', 'P', 'I', 'C', 60, [43] = 0,
		[44] = 0, 8, 0, 0, 1, 0, 0, 0, 0, 8, 1, 3, 1, 0, 0, 0,
	};

	put(p, "sys/devices/system/cpu/possible", "0-1,3\n");
	put(p, "sys/devices/system/cpu/cpu0/crash_notes", "13ffe1000\n");
	put(p, "sys/devices/system/cpu/cpu0/crash_notes_size", "372\n");
	put(p, "sys/devices/system/cpu/cpu3/crash_notes", "13ffe3000\n");
	put(p, "sys/devices/system/cpu/cpu3/crash_notes_size", "372\n");
	put(p, "sys/devices/system/cpu/crash_hotplug", "1\n");
	put(p, "proc/cpuinfo", "processor\t: 0\napicid\t\t: 0\nflags\t\t: fpu la57\n");
	put_bytes(p, "sys/firmware/acpi/tables/APIC", madt, sizeof(madt));
}

static void put_efi_and_disks(const struct place *p)
{
	static const char *const desc[][2] = {
		{ "type", "0x5\n" }, { "phys_addr", "0x7f8ed000\n" },
		{ "virt_addr", "0xfffffffeffe00000\n" }, { "num_pages", "0x30\n" },
		{ "attribute", "0x800000000000000f\n" },
	};
	char path[96];

	put(p, "sys/firmware/efi/fw_vendor", "0x7f9dcf98\n");
	put(p, "sys/firmware/efi/runtime", "0x7f9edb18\n");
	put(p, "sys/firmware/efi/config_table", "0x7f9dd018\n");
	put(p, "sys/firmware/efi/systab", "ACPI20=0x7fb7e014\nSMBIOS=0x7f9ec000\n");
	for (size_t i = 0; i < N(desc); i++) {
		snprintf(path, sizeof(path), "sys/firmware/efi/runtime-map/0/%s", desc[i][0]);
		put(p, path, desc[i][1]);
	}
	put(p, "sys/firmware/edd/int13_dev81/mbr_signature", "0x0000abcd\n");
	put(p, "sys/firmware/edd/int13_dev80/version", "0x30\n");
	put(p, "sys/firmware/edd/int13_dev80/extensions", "Fixed disk access\n");
	put(p, "sys/firmware/edd/int13_dev80/legacy_max_cylinder", "1023\n");
	put(p, "sys/firmware/edd/int13_dev80/legacy_max_head", "254\n");
	put(p, "sys/firmware/edd/int13_dev80/legacy_sectors_per_track", "63\n");
	put_bytes(p, "sys/firmware/edd/int13_dev80/raw_data", "\x1a\0raw", 5);
}

static void put_kcore(const struct place *p)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph[2];
		char beyond[8];
	} core = {
		.eh = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
			.e_type = ET_CORE, .e_machine = EM_X86_64,
			.e_phoff = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
		.ph = {
			{ .p_type = PT_LOAD, .p_vaddr = 0xffffffff81000000, .p_paddr = 0x1000000,
			  .p_memsz = 0x3430000 },
			{ .p_type = PT_LOAD, .p_vaddr = 0xffff888000001000, .p_paddr = 0x1000 },
		},
		.beyond = "secret",
	};

	put_bytes(p, "proc/kcore", &core, sizeof(core));
}

static void put_machine(const struct place *p)
{
	static uint8_t boot_params[4096] = { [0x58] = 0 };

	put(p, "kexec-park/facts", "arch=x86_64\ntsc_khz=2000000\nbsp_apic_id=3\nebda=0x9fc00\n");
	put(p, "proc/cmdline", "root=/dev/vda quiet\n");
	put(p, "proc/sys/kernel/osrelease", "6.1.0-test\n");
	put_memory(p);
	put_park_page(p);
	put_cpus(p);
	put_efi_and_disks(p);
	put_kcore(p);
	put(p, "sys/kernel/kexec_crash_size", "268435456\n");
	put(p, "sys/kernel/kexec/crash_cma_ranges", "c0000000-cfffffff\n110000000-11fffffff\n");
	put(p, "proc/meminfo", "MemTotal:        4001000 kB\nMemFree:         1 kB\n");
	put(p, "sys/kernel/crash_elfcorehdr_size", "16384\n");
	put(p, "sys/kernel/config/crash_dm_crypt_keys/count", "2\n");
	put(p, "sys/kernel/debug/kho/out/finalize", "0\n");
	put(p, "sys/kernel/vmcoreinfo", "0x00000001000c1000 1024\n");
	put_bytes(p, "sys/kernel/boot_params/data", boot_params, sizeof(boot_params));
}

static void check_memory(const struct kp_machine *m)
{
	assert_int_equal(m->firmware.n, 9);
	assert_true(m->firmware.v[1].at.start == 0x10000 &&
		    m->firmware.v[1].type == KP_MEM_RESERVED);
	assert_int_equal(m->firmware.v[8].type, KP_MEM_RESERVED); /* "Something New" */
	assert_int_equal(m->system_ram.n, 4);
	assert_int_equal(m->crashk.n, 2);
	assert_true(m->crashk.v[1].last == 0x13fffffff);
	assert_true(m->kernel_code.start == 0x1000000);
	assert_int_equal(m->n_low_pages, 2);
	assert_true(m->low_pages[0].phys == PARKED_AT);
	assert_int_equal(m->low_pages[0].bytes[0], 0x90);
	assert_true(m->low_pages[1].phys == 0x58000);
	assert_int_equal(m->low_pages[1].bytes[0], 0);
}

static void check_kernel(const struct kp_machine *m)
{
	assert_string_equal(m->arch, "x86_64");
	assert_string_equal(m->release, "6.1.0-test");
	assert_string_equal(m->cmdline, "root=/dev/vda quiet");
	assert_true(m->page_offset == 0xffff888000000000);
	assert_true(m->kernel_text_virt == 0xffffffff81000000);
	assert_true(m->kernel_text_bytes == 0x3430000);
	assert_false(m->la57); /* the CPU's flag does not outweigh the addresses */
	assert_int_equal(m->kexec_crash_size, 268435456);
	assert_true(m->crash_cma_shown);
	assert_int_equal(m->crash_cma.n, 2);
	assert_true(m->crash_cma.v[1].start == 0x110000000 && m->crash_cma.v[1].last == 0x11fffffff);
	assert_true(m->total_ram == 4001000ULL << 10);
	assert_int_equal(m->elfcorehdr_size, 16384);
	assert_int_equal(m->dm_crypt_keys, 2);
	assert_true(m->kho);
	assert_true(m->crash_hotplug);
	assert_true(m->vmcoreinfo_phys == 0x1000c1000 && m->vmcoreinfo_bytes == 0x1024);
	assert_int_equal(m->n_notes, 2);
	assert_true(m->notes[1].cpu == 3 && m->notes[1].phys == 0x13ffe3000 &&
		    m->notes[1].bytes == 372);
	assert_int_equal(m->boot_params.len, 4096);
	assert_false(m->tboot);
	assert_null(m->confidential);
	assert_false(m->has_rng_seed);
}

static void check_firmware(const struct kp_machine *m)
{
	assert_true(m->efi.present && m->efi.fw_vendor == 0x7f9dcf98 &&
		    m->efi.runtime == 0x7f9edb18 && m->efi.config_table == 0x7f9dd018);
	assert_true(m->efi.acpi20 == 0x7fb7e014 && m->efi.smbios == 0x7f9ec000);
	assert_int_equal(m->efi.n_runtime, 1);
	assert_int_equal(m->efi.runtime_map.len, 40);
	assert_int_equal(m->efi.runtime_map.bytes[0], 5);
	assert_int_equal(m->n_edd, 2);
	assert_int_equal(m->edd[0].device, 0x80);
	assert_int_equal(m->edd[0].version, 0x30);
	assert_int_equal(m->edd[0].interface_support, 1);
	assert_int_equal(m->edd[0].legacy_max_cylinder, 1023);
	assert_int_equal(m->edd[0].legacy_max_head, 254);
	assert_int_equal(m->edd[0].legacy_sectors_per_track, 63);
	assert_int_equal(m->edd[0].raw_data.len, 5);
	assert_false(m->edd[0].has_mbr_signature);
	assert_true(m->edd[1].has_mbr_signature && m->edd[1].mbr_signature == 0xabcd);
	assert_true(m->madt_present && !m->mp_wakeup);
	assert_int_equal(m->n_apics, 2);
	assert_int_equal(m->apics[1].id, 3);
	assert_true(m->bsp_known && m->bsp_apic_id == 3);
	assert_int_equal(m->tsc_khz, 2000000);
	assert_true(m->ebda == 0x9fc00);
}

static void every_fact(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;

	put_machine(p);
	m = must_read(p->root);
	check_memory(m);
	check_kernel(m);
	check_firmware(m);
	kp_machine_free(m);
}

static void nothing_at_all(void **state)
{
	struct place *p = *state;
	struct kp_machine *m = must_read(p->root);

	assert_int_equal(m->firmware.n + m->system_ram.n + m->n_notes + m->n_low_pages, 0);
	assert_null(m->cmdline);
	assert_false(m->bsp_known || m->efi.present || m->madt_present || m->la57);
	assert_true(m->ebda == 0);
	kp_machine_free(m);
}

/* The flag in /proc/cpuinfo, _stext in /proc/kallsyms, the end of low RAM: second best. */
static void without_kcore_and_facts(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;

	put_memory(p);
	put(p, "proc/cpuinfo", "processor : 0\nflags : fpu la57 tdx_guest\n");
	put(p, "proc/kallsyms", "0000000000000000 A fixed_percpu_data\n"
	    "ffffffff9a000000 T startup_64\nffffffff9a000001 T not_stext\n"
	    "ffffffff9a000040 T _stext\nrubbish that nobody reads\n");
	m = must_read(p->root);
	assert_true(m->la57);
	assert_true(m->kernel_text_virt == 0xffffffff9a000040);
	assert_true(m->page_offset == 0);
	assert_true(m->ebda == 0x9fc00);
	assert_string_equal(m->confidential, "TDX");
	kp_machine_free(m);
}

/* Without one of its files EFI is not passed on; but where ACPI is, the next kernel is told. */
/* Tables are kept as they were read: later files are read into the same buffer. */
static void tables_of_consoles(void **state)
{
	static const char spcr[] = "SPCR and 76 bytes more", bmc[] = "an entry of SMBIOS type 38";
	struct place *p = *state;
	struct kp_machine *m;

	put_machine(p);
	put(p, "sys/firmware/acpi/tables/SPCR", spcr);
	put(p, "sys/firmware/dmi/entries/38-0/raw", bmc);
	put(p, "proc/sys/kernel/io_delay_type", "0\n");
	m = must_read(p->root);
	assert_int_equal(m->spcr.len, strlen(spcr));
	assert_memory_equal(m->spcr.bytes, spcr, strlen(spcr));
	assert_int_equal(m->smbios38.len, strlen(bmc));
	assert_memory_equal(m->smbios38.bytes, bmc, strlen(bmc));
	assert_true(m->io_delay_0x80);
	kp_machine_free(m);
}

/* What find_line makes of kallsyms: a line too long, a file too long, one without the line. */
static void lines_are_bounded(void **state)
{
	static char longer[80000];
	struct place *p = *state;
	struct kp_error err = { 0 };
	struct kp_view line;
	struct kp_root root;
	char path[256];

	put_machine(p);
	assert_int_equal(kp_root_open(p->root, &root, &err), 0);
	memset(longer, 'x', sizeof(longer) - 1);
	put(p, "proc/kallsyms", longer);
	assert_int_equal(kp_root_find_line(&root, "proc/kallsyms", " _stext", &line), EFBIG);
	snprintf(path, sizeof(path), "%s/proc/kallsyms", p->root);
	assert_int_equal(truncate(path, 40LL << 30), 0);    /* a hole takes no disk */
	assert_int_equal(kp_root_find_line(&root, "proc/kallsyms", " _stext", &line), EFBIG);
	put(p, "proc/kallsyms", "1 T _text\n2 T _stext");
	assert_int_equal(kp_root_find_line(&root, "proc/kallsyms", " _stext", &line), 0);
	assert_int_equal(line.len, strlen("2 T _stext"));
	put(p, "proc/kallsyms", "1 T _text\n");
	assert_int_equal(kp_root_find_line(&root, "proc/kallsyms", " _stext", &line), ENODATA);
	kp_root_close(&root);
}

static void half_of_efi(void **state)
{
	static const char *const files[] = { "fw_vendor", "runtime", "config_table" };
	struct place *p = *state;

	for (size_t i = 0; i < N(files); i++) {
		struct kp_machine *m;
		char path[64];

		put_machine(p);
		snprintf(path, sizeof(path), "sys/firmware/efi/%s", files[i]);
		put(p, path, "?\n");
		m = must_read(p->root);
		assert_true(m->efi.present && m->efi.acpi20 == 0x7fb7e014);
		assert_int_equal(m->efi.n_runtime, 0);
		kp_machine_free(m);
	}
}

/* An EPYC host has the flags of what its guests could be; only a guest's own count. */
static void a_host_is_not_confidential(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;

	put(p, "proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : sev sev_es sev_snp\n");
	m = must_read(p->root);
	assert_null(m->confidential);
	kp_machine_free(m);
	put(p, "proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : hypervisor sev_es\n");
	m = must_read(p->root);
	assert_string_equal(m->confidential, "SEV-ES");
	kp_machine_free(m);
}

static void remove_tree(const struct place *p, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", p->root, path);
	nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Linux' own word outweighs the maker of the MADT, and the newer name the older one. */
static void hubs_between_cpus(void **state)
{
	static const struct { const char *now, *before, *hub; } rows[] = {
		{ NULL, NULL, NULL }, { "SGI4/UVX\n", NULL, "SGI UV" }, { NULL, "SGI2/UVX\n", "SGI UV" },
		{ "NSGI5/UVX\n", "SGI5/UVX\n", NULL },
	};
	struct place *p = *state;

	for (size_t i = 0; i < N(rows); i++) {
		struct kp_machine *m;

		put_machine(p);
		if (rows[i].now)
			put(p, "sys/firmware/sgi_uv/archtype", rows[i].now);
		if (rows[i].before)
			put(p, "proc/sgi_uv/archtype", rows[i].before);
		m = must_read(p->root);
		if (!m->hub != !rows[i].hub || (m->hub && strcmp(m->hub, rows[i].hub) != 0))
			fail_msg("row %zu: %s", i, m->hub ?: "none");
		kp_machine_free(m);
		remove_tree(p, "sys/firmware/sgi_uv");
		remove_tree(p, "proc/sgi_uv");
	}
}

/* Of a kernel before 6.0 only its configuration tells, which may not be there. */
static void memory_encryption(void **state)
{
	static const struct { const char *flags, *release, *config; bool sme, open; } rows[] = {
		{ "sme", "6.1.0\n", NULL, true, false }, { "sev", "6.1.0\n", NULL, false, false },
		{ "sme", "5.10.0-9\n", NULL, false, true },
		{ "sme", "5.10.0-9\n", "CONFIG_AMD_MEM_ENCRYPT=y\n"
		  "CONFIG_AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT=y\n", true, false },
		{ "sme", "5.10.0-9\n", "CONFIG_AMD_MEM_ENCRYPT=y\n"
		  "# CONFIG_AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT is not set\n", false, false },
	};
	struct place *p = *state;

	for (size_t i = 0; i < N(rows); i++) {
		struct kp_machine *m;
		char text[64];

		snprintf(text, sizeof(text), "vendor_id : AuthenticAMD\nflags : fpu %s\n",
			 rows[i].flags);
		put(p, "proc/cpuinfo", text);
		put(p, "proc/sys/kernel/osrelease", rows[i].release);
		if (rows[i].config)
			put(p, "boot/config-5.10.0-9", rows[i].config);
		m = must_read(p->root);
		if (m->sme != rows[i].sme || m->sme_open != rows[i].open)
			fail_msg("row %zu: %d, %d", i, m->sme, m->sme_open);
		kp_machine_free(m);
	}
}

/* A CPU that firmware adds later is running, whatever the table of power-on lists. */
static void cpus_that_the_madt_lacks(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;
	size_t n;

	put_machine(p);
	m = must_read(p->root);
	n = m->n_apics;
	assert_true(n && m->apics[0].running);
	kp_machine_free(m);
	put(p, "proc/cpuinfo", "processor : 0\napicid : 0\nflags : fpu\n\n"
	    "processor : 1\napicid : 77\nflags : fpu\n\n");
	m = must_read(p->root);
	assert_int_equal(m->n_apics, n + 1);
	assert_true(m->apics[n].id == 77 && m->apics[n].running && !m->apics[n].enabled);
	kp_machine_free(m);
}

/* 0x13c of boot_params, which the firmware of an SEV-SNP guest fills, is in every capture. */
static void a_cc_blob_tells_an_snp_guest(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;
	char page[4096] = { 0 };

	put(p, "proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : fpu hypervisor\n");
	put_bytes(p, "sys/kernel/boot_params/data", page, sizeof(page));
	m = must_read(p->root);
	assert_null(m->confidential);
	kp_machine_free(m);
	page[0x13d] = 0x10;
	put_bytes(p, "sys/kernel/boot_params/data", page, sizeof(page));
	m = must_read(p->root);
	assert_null(m->confidential);           /* no "HdrS": this is anything */
	kp_machine_free(m);
	memcpy(page + 0x202, "HdrS", 4);
	put_bytes(p, "sys/kernel/boot_params/data", page, sizeof(page));
	m = must_read(p->root);
	assert_string_equal(m->confidential, "SEV-SNP");
	kp_machine_free(m);
}

/* A map with an entry without a type is none: no page of it may be a park page. */
static void a_type_that_is_empty_voids_the_map(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;

	put(p, "proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu\n");
	put(p, "sys/firmware/memmap/0/start", "0x0\n");
	put(p, "sys/firmware/memmap/0/end", "0x9ffff\n");
	put(p, "sys/firmware/memmap/0/type", "\n");
	m = must_read(p->root);
	assert_int_equal(m->firmware.n, 0);
	assert_int_equal(m->n_low_pages, 0);
	kp_machine_free(m);
}

static void nonsense_is_named(void **state)
{
	static const struct { const char *path, *text, *told; } rows[] = {
		{ "proc/iomem", "0-fff : Reserved\nrubbish\n", "line 2" },
		{ "proc/iomem", "00000000-00000000 : System RAM\n", "CAP_SYS_ADMIN" },
		{ "proc/iomem", "00001000-0009fbff : System RAM", "ends within a line" },
		{ "proc/cpuinfo", "processor : 0\n\n", "shows no CPU's flags" },
		{ "sys/firmware/memmap/190/start", "here", "holds \"here\"" },
		{ "sys/firmware/memmap/190/end", "0x1", "a range ends" },
		{ "sys/devices/system/cpu/possible", "0-x\n", "the CPU list" },
		{ "sys/devices/system/cpu/possible", "\n", "is empty" },
		{ "sys/devices/system/cpu/cpu0/crash_notes", "?\n", "holds \"?\"" },
		{ "sys/kernel/kexec_crash_size", "lots\n", "holds \"lots\"" },
		{ "sys/kernel/kexec/crash_cma_ranges", "lots\n", "line 1: " },
		{ "sys/kernel/vmcoreinfo", "0x1000\n", "holds \"\"" },
		{ "sys/kernel/boot_params/data", "short", "has 5 bytes" },
		{ "sys/firmware/efi/runtime", "-1\n", "holds \"-1\"" },
		{ "sys/firmware/efi/systab", "MPS=0xf0000\n", "names neither ACPI 2.0" },
		{ "sys/firmware/efi/runtime-map/0/type", "0x100000000\n", "at most 0xffffffff" },
		{ "sys/firmware/edd/int13_dev80/version", "0x100\n", "at most 0xff" },
		{ "sys/firmware/acpi/tables/APIC", "FACP", "the MADT has 4 bytes" },
		{ "proc/kcore", "\177ELF but not much more of it", "the ELF header" },
		{ "kexec-park/facts", "arch=x86_64\ntsc_khz=no\n", "line 2" },
		{ "dev/mem.d/0x00010000", "short", "has 5 bytes" },
		{ "sys/devices/system/cpu/crash_hotplug", "2\n", "holds \"2\"" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < N(rows); i++) {
		struct kp_machine *m;

		put_machine(p);
		put(p, rows[i].path, rows[i].text);
		m = must_read(p->root);
		if (m->n_troubles != 1)
			fail_msg("%s: \"%s\": %zu troubles", rows[i].path, rows[i].text,
				 m->n_troubles);
		if (strcmp(m->troubles[0].path + 1, rows[i].path) != 0 ||
		    !strstr(m->troubles[0].why, rows[i].told))
			fail_msg("%s: noted is \"%s: %s\"", rows[i].path, m->troubles[0].path,
				 m->troubles[0].why);
		assert_null(strchr(m->troubles[0].why, '\n'));
		kp_machine_free(m);
		if (strcmp(rows[i].path, "dev/mem.d/0x00010000") == 0)
			put_park_page(p);
	}
}

static void a_root_that_is_not_there(void **state)
{
	struct kp_machine *m = NULL;
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_machine_read("/no/such/directory", &m, &err), -1);
	assert_int_equal(err.code, KP_IO);
	assert_int_equal(err.sys, ENOENT);
	assert_null(m);
}

/* ---- staying beneath the root ------------------------------------------------------------- */

static int read_one(const struct place *p, bool by_hand, const char *path)
{
	struct kp_error err = { 0 };
	struct kp_view bytes;
	struct kp_root root;
	int why;

	assert_int_equal(kp_root_open(p->root, &root, &err), 0);
	root.by_hand = root.by_hand || by_hand;
	why = kp_root_read(&root, path, SIZE_MAX, &bytes);
	kp_root_close(&root);
	return why;
}

static void link_to(const struct place *p, const char *path, const char *target)
{
	char full[512];

	full_path(p, path, full);
	assert_int_equal(symlink(target, full), 0);
}

static void links_lead_nowhere(void **state)
{
	static const struct { const char *name, *link, *target, *path; int why; } rows[] = {
		{ "a plain file", NULL, NULL, "inside", 0 },
		{ "a file below", NULL, NULL, "below/inside", 0 },
		{ "no file", NULL, NULL, "below/nothing", ENOENT },
		{ "absolute", "abs", "/etc/passwd", "abs", ELOOP },
		{ "upwards", "up", "../../secret", "up", ELOOP },
		{ "to a file inside", "near", "inside", "near", ELOOP },
		{ "a directory on the way", "etc", "/etc", "etc/passwd", -1 },
		{ "dots", NULL, NULL, "../secret", EXDEV },
		{ "dots on the way", NULL, NULL, "below/../../secret", EXDEV },
		{ "from the top", NULL, NULL, "/etc/passwd", EXDEV },
	};
	struct place *p = *state;
	char outside[96];
	FILE *f;

	snprintf(outside, sizeof(outside), "%s/secret", p->top);
	f = fopen(outside, "w");
	assert_non_null(f);
	fclose(f);
	put(p, "inside", "x");
	put(p, "below/inside", "x");
	for (size_t i = 0; i < N(rows); i++) {
		if (rows[i].link)
			link_to(p, rows[i].link, rows[i].target);
		for (int by_hand = 0; by_hand < 2; by_hand++) {
			int why = read_one(p, by_hand, rows[i].path);

			if (rows[i].why >= 0 ? why != rows[i].why : why == 0)
				fail_msg("%s%s: %s", rows[i].name, by_hand ? ", by hand" : "",
					 strerror(why));
		}
	}
}

/* A captured /proc/cmdline that is a link is not followed, and noted. */
static void a_linked_fact_is_noted(void **state)
{
	struct place *p = *state;
	struct kp_machine *m;

	put_machine(p);
	remove_tree(p, "proc/cmdline");
	link_to(p, "proc/cmdline", "/proc/cmdline");
	m = must_read(p->root);
	assert_null(m->cmdline);
	assert_int_equal(m->n_troubles, 1);
	assert_string_equal(m->troubles[0].path, "/proc/cmdline");
	assert_int_equal(m->troubles[0].sys, ELOOP);
	kp_machine_free(m);
}

/* What Linux 6.19 moved, with a link where it was, or without one as is planned for after 2028. */
static void put_kexec_files(const struct place *p, bool links)
{
	static const struct { const char *now, *before, *text; } files[] = {
		{ "kexec/crash_size", "kexec_crash_size", "4096\n" },
		{ "kexec/crash_elfcorehdr_size", "crash_elfcorehdr_size", "8192\n" },
	};

	for (size_t i = 0; i < N(files); i++) {
		char path[96];

		snprintf(path, sizeof(path), "sys/kernel/%s", files[i].now);
		put(p, path, files[i].text);
		snprintf(path, sizeof(path), "sys/kernel/%s", files[i].before);
		if (links)
			link_to(p, path, files[i].now);
	}
}

/* As kp_machine_read() of a live machine. */
static int read_live(const struct place *p, struct kp_machine *m, struct kp_error *err)
{
	struct kp_root root;
	int rc;

	*m = (struct kp_machine){ 0 };
	*err = (struct kp_error){ 0 };
	assert_int_equal(kp_root_open(p->root, &root, err), 0);
	root.live = true;
	rc = kp_machine_gather(&root, m, err);
	kp_root_close(&root);
	return rc;
}

static void kexec_files_have_two_names(void **state)
{
	struct place *p = *state;
	struct kp_machine m;
	struct kp_error err;

	for (int links = 0; links < 2; links++) {
		put_kexec_files(p, links);
		if (read_live(p, &m, &err))
			fail_msg("%s", err.text);
		assert_int_equal(m.kexec_crash_size, 4096);
		assert_int_equal(m.elfcorehdr_size, 8192);
		kp_arena_free(&m.arena);
	}
}

/* Each alone is enough; the last exists only where the Live Update Orchestrator is on. */
static void what_shows_a_handover(void **state)
{
	static const char *const signs[] = {
		"sys/kernel/debug/kho/out/finalize", "sys/kernel/debug/kho/out/scratch_phys",
		"sys/devices/virtual/misc/liveupdate/dev",
	};
	struct place *p = *state;

	for (size_t i = 0; i <= N(signs); i++) {
		struct kp_machine *m;

		if (i < N(signs))
			put(p, signs[i], "10:260\n");
		m = must_read(p->root);
		assert_int_equal(m->kho, i < N(signs));
		kp_machine_free(m);
		if (i < N(signs))
			remove_tree(p, signs[i]);
	}
}

/* Nobody writes to it: an open that blocks would never come back. */
static void a_fifo_is_not_waited_for(void **state)
{
	struct place *p = *state;
	char full[512];

	full_path(p, "proc/cmdline", full);
	assert_int_equal(mkfifo(full, 0644), 0);
	assert_int_equal(read_one(p, false, "proc/cmdline"), EINVAL);
	assert_int_equal(read_one(p, true, "proc/cmdline"), EINVAL);
}

/* ---- a machine that changes while it is read ---------------------------------------------- */

/* Removes @victim once @after was read, or, without names, all of the machine after @left files. */
struct change {
	const struct place *place;
	const char *after, *victim;
	size_t left;
};

static void change_after(void *arg, const char *path, int why, struct kp_view bytes)
{
	struct change *c = arg;

	(void)why;
	(void)bytes;
	if (c->after ? strcmp(path, c->after) == 0 : c->left-- == 0)
		remove_tree(c->place, c->after ? c->victim : ".");
}

/* As kp_machine_read(), with an eye on every file; @live: as the running machine's directory. */
static int read_changing(struct change *c, bool live, struct kp_machine *m, struct kp_error *err)
{
	size_t descriptors = open_descriptors();
	struct kp_root root;
	int rc;

	*m = (struct kp_machine){ 0 };
	*err = (struct kp_error){ 0 };
	assert_int_equal(kp_root_open(c->place->root, &root, err), 0);
	root.live = live;
	root.saw = change_after;
	root.saw_arg = c;
	rc = kp_machine_gather(&root, m, err);
	kp_root_close(&root);
	assert_int_equal(open_descriptors(), descriptors);
	return rc;
}

static void a_cpu_goes_while_its_notes_are_read(void **state)
{
	struct change c = { *state, "sys/devices/system/cpu/cpu3/crash_notes",
			    "sys/devices/system/cpu/cpu3", 0 };
	struct kp_machine m;
	struct kp_error err;

	put_machine(c.place);
	if (read_changing(&c, false, &m, &err))
		fail_msg("%s", err.text);
	assert_int_equal(m.n_notes, 1);
	assert_int_equal(m.notes[0].cpu, 0);
	kp_arena_free(&m.arena);

	put_machine(c.place);
	c.victim = "sys/devices/system/cpu/cpu3/crash_notes_size";
	assert_int_equal(read_changing(&c, false, &m, &err), 0);
	assert_int_equal(m.n_notes, 1);
	assert_int_equal(m.n_troubles, 1);
	assert_string_equal(m.troubles[0].path, "/sys/devices/system/cpu/cpu3/crash_notes_size");
	kp_arena_free(&m.arena);
}

/* One of the two files of a CPU's note that is not there is told of, whichever it is. */
static void half_a_note_is_told_of(void **state)
{
	static const char *const halves[] = { "sys/devices/system/cpu/cpu3/crash_notes",
					      "sys/devices/system/cpu/cpu3/crash_notes_size" };
	struct place *p = *state;
	char path[256];

	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		struct kp_machine *m;

		put_machine(p);
		snprintf(path, sizeof(path), "%s/%s", p->root, halves[i]);
		assert_int_equal(unlink(path), 0);
		m = must_read(p->root);
		assert_int_equal(m->n_notes, 1);
		assert_int_equal(m->n_troubles, 1);
		assert_string_equal(m->troubles[0].path + 1, halves[i]);
		kp_machine_free(m);
	}
}

/* All files are gone after the first, the second and so on: no fact is made up of the rest. */
static void a_machine_that_vanishes_half_read(void **state)
{
	struct change c = { .place = *state, .left = SIZE_MAX };
	struct kp_machine m;
	struct kp_error err;
	size_t n, noted = 0;

	put_machine(c.place);
	assert_int_equal(read_changing(&c, false, &m, &err), 0);
	kp_arena_free(&m.arena);
	n = SIZE_MAX - c.left;
	for (size_t k = 0; k < n; k++) {
		put_machine(c.place);
		c.left = k;
		assert_int_equal(read_changing(&c, false, &m, &err), 0);
		for (size_t i = 0; i < m.n_troubles; i++)
			noted += strstr(m.troubles[i].why, "is missing") != NULL;
		kp_arena_free(&m.arena);
	}
	print_message("%zu files, %zu of them leave others without their siblings\n", n, noted);
	assert_uint_in_range(noted, 1, n - 1);
}

/* ---- what only the running machine has ---------------------------------------------------- */

#define APIC_BASE_BSP	0xfee00900ull
#define APIC_BASE_OTHER	0xfee00800ull

static void put_msr(const struct place *p, unsigned cpu, uint64_t apic_base, size_t bytes)
{
	uint8_t msrs[0x1b + 8] = { 0 };
	char path[64];

	memcpy(msrs + 0x1b, &apic_base, 8);
	snprintf(path, sizeof(path), "dev/cpu/%u/msr", cpu);
	put_bytes(p, path, msrs, 0x1b + bytes);
}

static void put_live(const struct place *p, uint8_t loader_type, const char *cmdline)
{
	static uint8_t boot_params[4096];

	put(p, "sys/devices/system/cpu/possible", "0-2\n");
	put(p, "proc/cpuinfo", "processor : 0\napicid : 4\n\nprocessor : 2\napicid : 6\n");
	boot_params[0x210] = loader_type;
	put_bytes(p, "sys/kernel/boot_params/data", boot_params, sizeof(boot_params));
	put(p, "proc/cmdline", cmdline);
}

/* CPU 1 is offline: its register cannot be read, and it is in no /proc/cpuinfo. */
static void which_cpu_is_the_bsp(void **state)
{
	static const struct {
		const char *name;
		size_t msr_bytes;      /* of CPUs 0 and 2; 0: no msr module */
		unsigned bsp;          /* as the registers say it; 9: none of them */
		uint8_t loader;
		const char *cmdline;
		bool known;
		uint32_t id;
	} rows[] = {
		{ "its register says so", 8, 2, 0xd0, "ro\n", true, 6 },
		{ "the register against the order of boot", 8, 2, 0x20, "ro\n", true, 6 },
		{ "it is the CPU that is offline", 8, 9, 0xd0, "ro\n", false, 0 },
		{ "offline, and CPU 0 denies what the loader's type says", 8, 9, 0x20, "ro\n",
		  false, 0 },
		{ "registers that are cut short", 7, 2, 0xd0, "ro\n", false, 0 },
		{ "no msr module, booted by firmware", 0, 9, 0x20, "ro\n", true, 4 },
		{ "no msr module, booted by kexec", 0, 9, 0xd0, "ro\n", false, 0 },
		{ "no msr module, a crash kernel", 0, 9, 0x20, "elfcorehdr=1M\n", false, 0 },
	};
	struct change c = { .place = *state, .left = SIZE_MAX };

	for (size_t i = 0; i < N(rows); i++) {
		struct kp_machine m;
		struct kp_error err;

		print_message("%s\n", rows[i].name);
		put_live(c.place, rows[i].loader, rows[i].cmdline);
		remove_tree(c.place, "dev/cpu");
		for (unsigned cpu = 0; rows[i].msr_bytes && cpu <= 2; cpu += 2)
			put_msr(c.place, cpu, cpu == rows[i].bsp ? APIC_BASE_BSP : APIC_BASE_OTHER,
				rows[i].msr_bytes);
		assert_int_equal(read_changing(&c, true, &m, &err), 0);
		assert_int_equal(m.bsp_known, rows[i].known);
		if (rows[i].known)
			assert_int_equal(m.bsp_apic_id, rows[i].id);
		kp_arena_free(&m.arena);
	}
}

/* A CPU that goes between the load of its facts and the list of them all. */
static void the_bsp_goes_before_its_id_is_read(void **state)
{
	struct change c = { *state, "proc/cmdline", "dev/cpu/2", 0 };
	struct kp_machine m;
	struct kp_error err;

	put_live(c.place, 0xd0, "ro\n");
	put_msr(c.place, 0, APIC_BASE_OTHER, 8);
	put_msr(c.place, 2, APIC_BASE_BSP, 8);
	assert_int_equal(read_changing(&c, true, &m, &err), 0);
	assert_false(m.bsp_known);
	kp_arena_free(&m.arena);
}

/* /dev/mem ends within the second of two Reserved pages: that one is not read, and it is said. */
static void low_memory_that_is_cut_short(void **state)
{
	static uint8_t memory[0x58000 + 100];
	struct change c = { .place = *state, .left = SIZE_MAX };
	struct kp_machine m;
	struct kp_error err;

	put_machine(c.place);
	memory[PARKED_AT] = 0x90;
	put_bytes(c.place, "dev/mem", memory, sizeof(memory));
	assert_int_equal(read_changing(&c, true, &m, &err), 0);
	assert_int_equal(m.n_low_pages, 2);
	assert_int_equal(m.low_pages[0].bytes[0], 0x90);
	assert_null(m.low_pages[1].bytes);
	assert_string_equal(m.devmem_error, "/dev/mem: reading 4096 bytes at 0x58000: cut short");
	kp_arena_free(&m.arena);
}

/* ---- recording ---------------------------------------------------------------------------- */

struct missed {
	char text[4096];
};

static void note_missed(void *arg, const char *path, const char *why)
{
	struct missed *m = arg;
	size_t used = strlen(m->text);

	snprintf(m->text + used, sizeof(m->text) - used, "%s: %s\n", path, why);
}

static void capture_reads_back(void **state)
{
	struct place *p = *state;
	struct missed missed = { "" };
	struct kp_error err = { 0 };
	struct kp_machine *m;
	struct stat st;
	char dir[128], file[256];

	put_machine(p);
	snprintf(dir, sizeof(dir), "%s/copy", p->top);
	if (kp_machine_capture(p->root, dir, note_missed, &missed, &err))
		fail_msg("%s", err.text);
	assert_string_equal(missed.text, "");
	m = must_read(dir);
	check_memory(m);
	check_kernel(m);
	check_firmware(m);
	kp_machine_free(m);
	snprintf(file, sizeof(file), "%s/proc/kcore", dir);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 64 + 2 * 56); /* nothing of what lies beyond the headers */
}

static void capture_has_both_names(void **state)
{
	static const char *const names[] = { "kexec_crash_size", "kexec/crash_size",
					     "crash_elfcorehdr_size",
					     "kexec/crash_elfcorehdr_size" };
	struct place *p = *state;
	struct kp_error err = { 0 };
	char dir[128], file[256];

	put(p, "sys/kernel/kexec_crash_size", "4096\n");
	put(p, "sys/kernel/crash_elfcorehdr_size", "8192\n");
	put_kexec_files(p, false);
	snprintf(dir, sizeof(dir), "%s/copy", p->top);
	if (kp_machine_capture(p->root, dir, NULL, NULL, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < N(names); i++) {
		snprintf(file, sizeof(file), "%s/sys/kernel/%s", dir, names[i]);
		if (access(file, R_OK) != 0)
			fail_msg("%s is not recorded", names[i]);
	}
}

/* What cannot be recorded is told; what is there but senseless is recorded and told. */
static void capture_tells_what_it_missed(void **state)
{
	struct place *p = *state;
	struct missed missed = { "" };
	struct kp_error err = { 0 };
	char dir[128], copied[256];

	put(p, "sys/kernel/kexec_crash_size", "lots\n");
	link_to(p, "proc/cmdline", "/proc/cmdline");
	put(p, "proc/sys/kernel/osrelease", "6.1\n");
	snprintf(dir, sizeof(dir), "%s/copy/", p->top);
	mkdir(dir, 0755);
	if (kp_machine_capture(p->root, dir, note_missed, &missed, &err))
		fail_msg("%s", err.text);
	assert_ptr_equal(strstr(missed.text, "proc/cmdline: Too many levels"), missed.text);
	assert_null(strstr(missed.text + 1, "proc/cmdline"));
	assert_non_null(strstr(missed.text, "holds \"lots\""));
	assert_non_null(strstr(missed.text, "dev/cpu/N/msr: "));
	assert_non_null(strstr(missed.text, "proc/kcore: "));
	snprintf(copied, sizeof(copied), "%s/sys/kernel/kexec_crash_size", dir);
	assert_int_equal(access(copied, R_OK), 0);
}

static void capture_spares_what_is_there(void **state)
{
	struct place *p = *state;
	struct kp_error err = { 0 };
	char dir[128], file[256];

	put_machine(p);
	snprintf(dir, sizeof(dir), "%s/full", p->top);
	mkdir(dir, 0755);
	snprintf(file, sizeof(file), "%s/mine", dir);
	fclose(fopen(file, "w"));
	assert_int_equal(kp_machine_capture(p->root, dir, NULL, NULL, &err), -1);
	assert_int_equal(err.code, KP_USAGE);
	assert_int_equal(access(file, F_OK), 0);
	assert_int_equal(kp_machine_capture(p->root, file, NULL, NULL, &err), -1);
	assert_int_equal(access(file, F_OK), 0);
}

static size_t entries(const char *dir)
{
	size_t n = 0;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* A capture that fails half way leaves neither itself nor its parts. */
static void a_failed_capture_leaves_nothing(void **state)
{
	struct place *p = *state;
	struct kp_error err = { 0 };
	char dir[128], no_root[128];
	size_t before = entries(p->top);

	snprintf(dir, sizeof(dir), "%s/copy", p->top);
	snprintf(no_root, sizeof(no_root), "%s/no-such-root", p->top);
	assert_int_equal(kp_machine_capture(no_root, dir, NULL, NULL, &err), -1);
	assert_int_equal(entries(p->top), before);
	assert_int_equal(access(dir, F_OK), -1);
}

/* This machine itself, whatever it is: what is recorded is what is read. */
static void the_live_machine(void **state)
{
	struct place *p = *state;
	struct kp_error err = { 0 };
	struct kp_machine *live = NULL, *copy;
	char dir[128];

	if (kp_machine_read("/", &live, &err))
		fail_msg("%s", err.text);
	snprintf(dir, sizeof(dir), "%s/copy", p->top);
	if (kp_machine_capture("/", dir, NULL, NULL, &err))
		fail_msg("%s", err.text);
	copy = must_read(dir);
	assert_true(!live->captured && copy->captured);
	assert_string_equal(copy->release, live->release);
	assert_string_equal(copy->arch, live->arch);
	assert_int_equal(copy->firmware.n, live->firmware.n);
	assert_memory_equal(copy->firmware.v, live->firmware.v,
			    live->firmware.n * sizeof(live->firmware.v[0]));
	assert_int_equal(copy->system_ram.n, live->system_ram.n);
	assert_memory_equal(copy->system_ram.v, live->system_ram.v,
			    live->system_ram.n * sizeof(live->system_ram.v[0]));
	assert_int_equal(copy->n_notes, live->n_notes);
	assert_int_equal(copy->n_apics, live->n_apics);
	assert_true(copy->page_offset == live->page_offset);
	assert_true(copy->kernel_text_virt == live->kernel_text_virt);
	assert_true(copy->ebda == live->ebda);
	assert_int_equal(copy->la57, live->la57);
	assert_int_equal(copy->bsp_known, live->bsp_known);
	assert_int_equal(copy->n_low_pages, live->n_low_pages);
	assert_true(live->has_rng_seed && !copy->has_rng_seed);
	kp_machine_free(copy);
	kp_machine_free(live);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_fact),
		TEST(nothing_at_all),
		TEST(without_kcore_and_facts),
		TEST(tables_of_consoles),
		TEST(lines_are_bounded),
		TEST(half_of_efi),
		TEST(a_host_is_not_confidential),
		TEST(hubs_between_cpus),
		TEST(memory_encryption),
		TEST(cpus_that_the_madt_lacks),
		TEST(a_cc_blob_tells_an_snp_guest),
		TEST(a_type_that_is_empty_voids_the_map),
		TEST(nonsense_is_named),
		TEST(a_root_that_is_not_there),
		TEST(links_lead_nowhere),
		TEST(a_linked_fact_is_noted),
		TEST(kexec_files_have_two_names),
		TEST(what_shows_a_handover),
		TEST(capture_has_both_names),
		TEST(a_fifo_is_not_waited_for),
		TEST(a_cpu_goes_while_its_notes_are_read),
		TEST(half_a_note_is_told_of),
		TEST(a_machine_that_vanishes_half_read),
		TEST(which_cpu_is_the_bsp),
		TEST(the_bsp_goes_before_its_id_is_read),
		TEST(low_memory_that_is_cut_short),
		TEST(capture_reads_back),
		TEST(capture_tells_what_it_missed),
		TEST(capture_spares_what_is_there),
		TEST(a_failed_capture_leaves_nothing),
		TEST(the_live_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
