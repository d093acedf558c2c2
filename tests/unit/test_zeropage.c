/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The boot_params segment: the zero page, and the nodes that lie behind it. */
#include "boot_nodes.h"
#include "plan_fixture.h"

#define PHYS 0x123456000ULL

struct segment {
	struct kp_boot_nodes nodes;
	struct kp_memmap e820;
	struct kp_view bytes;
	struct boot_params bp;
};

static void build(struct fixture *f, struct segment *s, const struct kp_range *initrd)
{
	s->e820 = f->machine.firmware;
	s->nodes.machine = &f->machine;
	s->nodes.image = &f->image;
	s->nodes.e820 = &s->e820;
	s->nodes.cmdline = s->nodes.cmdline ?: "root=/dev/sda";
	kp_boot_nodes_layout(&s->nodes);
	assert_int_equal(kp_boot_nodes_build(&s->nodes, PHYS, initrd, &f->arena, &s->bytes,
					     &f->err),
			 0);
	assert_int_equal(s->bytes.len, s->nodes.at.bytes);
	memcpy(&s->bp, s->bytes.bytes, sizeof(s->bp));
}

static const void *at_phys(const struct segment *s, uint64_t phys, size_t n)
{
	assert_true(phys >= PHYS && phys - PHYS + n <= s->bytes.len);
	return s->bytes.bytes + (phys - PHYS);
}

/* The node of @type in the chain, which must end. */
static const void *find_node(const struct segment *s, uint32_t type, uint32_t *len)
{
	uint64_t next = s->bp.hdr.setup_data;
	const void *found = NULL;

	for (int i = 0; next; i++) {
		struct setup_data head;

		assert_true(i < 8);
		assert_int_equal(next % 4096, 0);
		memcpy(&head, at_phys(s, next, sizeof(head)), sizeof(head));
		if (head.type == type) {
			*len = head.len;
			found = at_phys(s, next + sizeof(head), head.len);
		}
		next = head.next;
	}
	return found;
}

static void tells_where_everything_is(void **state)
{
	const struct kp_range initrd = { 0x512345000, 0x512345000 + GIB(5) + 6 };
	struct segment s = { .nodes.acpi_rsdp = 0xf5a20 };
	struct fixture *f = *state;
	uint64_t cmdline;

	build(f, &s, &initrd);
	assert_int_equal(s.bp.hdr.type_of_loader, 0xd0);
	assert_int_equal(s.bp.hdr.loadflags, LOADED_HIGH);
	assert_int_equal(s.bp.hdr.ramdisk_image, 0x12345000);
	assert_int_equal(s.bp.ext_ramdisk_image, 5);
	assert_int_equal(s.bp.hdr.ramdisk_size, 0x40000007);
	assert_int_equal(s.bp.ext_ramdisk_size, 1);
	cmdline = s.bp.hdr.cmd_line_ptr | (uint64_t)s.bp.ext_cmd_line_ptr << 32;
	assert_string_equal(at_phys(&s, cmdline, 14), "root=/dev/sda");
	assert_int_equal(s.bp.acpi_rsdp_addr, 0xf5a20);
	assert_int_equal(s.bp.sentinel, 0);
}

static void copies_the_header_for_its_own_length(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };
	const size_t at = offsetof(struct boot_params, hdr);

	f->header[FIXTURE_HEADER_BYTES - 1] = 0x5a;
	f->image.setup_header.len = FIXTURE_HEADER_BYTES - 1;
	build(f, &s, NULL);
	assert_int_equal(s.bp.hdr.header, 0x53726448);
	assert_int_equal(s.bp.hdr.version, 0x020f);
	assert_int_equal(s.bytes.bytes[at + FIXTURE_HEADER_BYTES - 1], 0);
	f->image.setup_header.len = FIXTURE_HEADER_BYTES;
	build(f, &s, NULL);
	assert_int_equal(s.bytes.bytes[at + FIXTURE_HEADER_BYTES - 1], 0x5a);
}

static void leaves_what_other_entries_use(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };

	fixture_put(f->header, offsetof(struct setup_header, code32_start), 0x100000, 4);
	fixture_put(f->header, offsetof(struct setup_header, heap_end_ptr), 0x5be0, 2);
	fixture_put(f->header, offsetof(struct setup_header, root_flags), 1, 2);
	build(f, &s, NULL);
	assert_int_equal(s.bp.hdr.code32_start, 0x100000);
	assert_int_equal(s.bp.hdr.heap_end_ptr, 0x5be0);
	assert_int_equal(s.bp.hdr.root_flags, 1);
	assert_int_equal(s.bp.hdr.root_dev, 0);
}

static void never_copies_a_header_past_its_room(void **state)
{
	static uint8_t large[300];
	struct fixture *f = *state;
	struct segment s = { 0 };

	memset(large, 0xff, sizeof(large));
	f->image.setup_header = (struct kp_view){ large, sizeof(large) };
	build(f, &s, NULL);
	assert_int_equal(s.bp.edd_mbr_sig_buffer[0], 0);
}

static void makes_a_header_for_an_elf(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };

	f->image.setup_header = (struct kp_view){ 0 };
	build(f, &s, NULL);
	assert_int_equal(s.bp.hdr.boot_flag, 0xaa55);
	assert_int_equal(s.bp.hdr.header, 0x53726448);
	assert_int_equal(s.bp.hdr.version, 0x020f);
	assert_int_equal(s.bp.hdr.pref_address, MIB(16));
	assert_int_equal(s.bp.hdr.init_size, MIB(32) + 5);
	assert_int_equal(s.bp.hdr.xloadflags, XLF_KERNEL_64 | XLF_CAN_BE_LOADED_ABOVE_4G |
			 XLF_EFI_KEXEC | XLF_5LEVEL | XLF_5LEVEL_ENABLED);
	assert_true(kp_zeropage_takes_rsdp(&f->image));
}

static void knows_which_protocol_takes_the_rsdp(void **state)
{
	struct fixture *f = *state;

	assert_true(kp_zeropage_takes_rsdp(&f->image));
	fixture_put(f->header, offsetof(struct setup_header, version), 0x020d, 2);
	assert_false(kp_zeropage_takes_rsdp(&f->image));
}

static void inherits_the_screen_but_not_the_rest(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };
	struct boot_params bp;

	memset(f->boot_params, 0xaa, sizeof(f->boot_params));
	build(f, &s, NULL);
	memcpy(&bp, f->boot_params, sizeof(bp));
	assert_int_equal(s.bp.screen_info.ext_mem_k, 0);
	s.bp.screen_info.ext_mem_k = bp.screen_info.ext_mem_k;
	assert_memory_equal(&s.bp.screen_info, &bp.screen_info, sizeof(bp.screen_info));
	assert_int_equal(s.bp.hdr.hardware_subarch, 0xaaaaaaaa);
	assert_int_equal(s.bp.apm_bios_info.version, 0);
	assert_int_equal(s.bp.tboot_addr, 0);
	assert_int_equal(s.bp.efi_info.efi_loader_signature, 0);
	assert_int_equal(s.bp.efi_info.efi_systab, 0);
	assert_int_equal(s.bp.sentinel, 0);
}

static void works_without_boot_params(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };

	f->machine.boot_params = (struct kp_view){ 0 };
	build(f, &s, NULL);
	assert_int_equal(s.bp.e820_entries, f->machine.firmware.n);
	assert_int_equal(kp_zeropage_rsdp(&f->machine), 0);
}

static void efi_machine(struct fixture *f, uint8_t *map, size_t n)
{
	struct boot_params bp;

	memcpy(&bp, f->boot_params, sizeof(bp));
	bp.efi_info.efi_loader_signature = 0x34364c45;
	bp.efi_info.efi_systab = 0x7f5ec018;
	bp.efi_info.efi_systab_hi = 1;
	bp.efi_info.efi_memmap = 0xbad;
	memcpy(f->boot_params, &bp, sizeof(bp));
	f->machine.efi = (struct kp_efi){
		.present = true, .fw_vendor = 0x11, .runtime = 0x22, .config_table = 0x33,
		.smbios = 0x44, .acpi20 = 0x7f77e014, .runtime_map = { map, n * 48 },
		.n_runtime = n, .desc_size = 48, .desc_version = 1,
	};
}

static void passes_efi_on_with_our_own_map(void **state)
{
	struct segment s = { .nodes.efi = true };
	struct fixture *f = *state;
	const uint64_t *data;
	uint8_t map[5 * 48];
	uint64_t phys;
	uint32_t len;

	fixture_fill(map, sizeof(map), 9);
	efi_machine(f, map, 5);
	assert_null(kp_zeropage_efi_obstacle(&f->machine, &f->image));
	build(f, &s, NULL);
	assert_int_equal(s.bp.efi_info.efi_loader_signature, 0x34364c45);
	assert_int_equal(s.bp.efi_info.efi_systab, 0x7f5ec018);
	assert_int_equal(s.bp.efi_info.efi_systab_hi, 1);
	assert_int_equal(s.bp.efi_info.efi_memdesc_size, 48);
	assert_int_equal(s.bp.efi_info.efi_memdesc_version, 1);
	assert_int_equal(s.bp.efi_info.efi_memmap_size, sizeof(map));
	phys = s.bp.efi_info.efi_memmap | (uint64_t)s.bp.efi_info.efi_memmap_hi << 32;
	assert_memory_equal(at_phys(&s, phys, sizeof(map)), map, sizeof(map));
	data = find_node(&s, SETUP_EFI, &len);
	assert_non_null(data);
	assert_int_equal(len, 96);
	assert_int_equal(data[0], 0x11);
	assert_int_equal(data[1], 0x22);
	assert_int_equal(data[2], 0x33);
	assert_int_equal(data[3], 0x44);
}

static void names_what_keeps_efi_out(void **state)
{
	struct fixture *f = *state;
	uint8_t map[48] = { 0 };

	assert_null(kp_zeropage_efi_obstacle(&f->machine, &f->image));
	efi_machine(f, map, 1);
	assert_null(kp_zeropage_efi_obstacle(&f->machine, &f->image));
	f->image.efi_handover = false;
	assert_non_null(strstr(kp_zeropage_efi_obstacle(&f->machine, &f->image), "XLF_EFI_KEXEC"));
	f->image.efi_handover = true;
	f->machine.efi.runtime_map.len = 47;
	assert_non_null(strstr(kp_zeropage_efi_obstacle(&f->machine, &f->image), "runtime map"));
	efi_machine(f, map, 0);
	assert_non_null(strstr(kp_zeropage_efi_obstacle(&f->machine, &f->image), "runtime map"));
	efi_machine(f, map, 1);
	f->machine.efi.desc_version = 2;
	assert_non_null(strstr(kp_zeropage_efi_obstacle(&f->machine, &f->image), "version"));
	efi_machine(f, map, 1);
	f->boot_params[offsetof(struct boot_params, efi_info) + 2] = '3';
	assert_non_null(strstr(kp_zeropage_efi_obstacle(&f->machine, &f->image), "64-bit"));
	f->machine.boot_params.len = 100;
	assert_non_null(strstr(kp_zeropage_efi_obstacle(&f->machine, &f->image), "boot_params"));
}

static void the_map_overflows_into_a_node(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };
	struct boot_e820_entry e;
	const uint8_t *data;
	uint32_t len;

	fixture_no_memory(f);
	for (uint64_t i = 0; i < 2000; i++)
		fixture_firmware(f, i << 20, (i << 20) + 4095 + i,
				 i % 2 ? KP_MEM_RESERVED : KP_MEM_RAM);
	build(f, &s, NULL);
	assert_int_equal(s.bp.e820_entries, 128);
	data = find_node(&s, SETUP_E820_EXT, &len);
	assert_non_null(data);
	assert_int_equal(len, (2000 - 128) * 20);
	for (uint64_t i = 0; i < 2000; i++) {
		if (i < 128)
			e = s.bp.e820_table[i];
		else
			memcpy(&e, data + (i - 128) * 20, sizeof(e));
		assert_int_equal(e.addr, i << 20);
		assert_int_equal(e.size, 4096 + i);
		assert_int_equal(e.type, i % 2 ? KP_MEM_RESERVED : KP_MEM_RAM);
	}
}

static void exactly_128_entries_need_no_node(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };
	uint32_t len;

	fixture_no_memory(f);
	for (uint64_t i = 0; i < 128; i++)
		fixture_firmware(f, i << 20, (i << 20) + 4095, KP_MEM_RESERVED);
	build(f, &s, NULL);
	assert_int_equal(s.bp.e820_entries, 128);
	assert_null(find_node(&s, SETUP_E820_EXT, &len));
}

static void seeds_the_random_generator(void **state)
{
	struct fixture *f = *state;
	struct segment s = { 0 };
	const void *data;
	uint32_t len;

	build(f, &s, NULL);
	data = find_node(&s, SETUP_RNG_SEED, &len);
	assert_non_null(data);
	assert_int_equal(len, 32);
	assert_memory_equal(data, f->machine.rng_seed, 32);
	f->machine.has_rng_seed = false;
	build(f, &s, NULL);
	assert_null(find_node(&s, SETUP_RNG_SEED, &len));
}

static void carries_what_parking_needs(void **state)
{
	static const uint32_t ids[] = { 0, 1, 0x1ff };
	struct fixture *f = *state;
	struct segment s = {
		.nodes = { .park_ids = ids, .n_park_ids = 3, .park_image = f->park_page }
	};

	build(f, &s, NULL);
	assert_memory_equal(s.bytes.bytes + s.nodes.at.park_ids, ids, sizeof(ids));
	assert_int_equal(s.nodes.at.park_image % 4096, 0);
	assert_memory_equal(s.bytes.bytes + s.nodes.at.park_image, f->park_page, 4096);
}

static void disks_keep_their_numbers(void **state)
{
	static uint8_t raw[74];
	static struct kp_edd edd[] = {
		{ .device = 0x80,
		  .version = 0x30,
		  .interface_support = 7,
		  .legacy_max_cylinder = 1022,
		  .legacy_max_head = 254,
		  .legacy_sectors_per_track = 63,
		  .raw_data = { raw, sizeof(raw) } },
		{ .device = 0x82,
		  .version = 0x21,
		  .has_mbr_signature = true,
		  .mbr_signature = 0xdeadbeef },
		{ .device = 0x87, .has_mbr_signature = true, .mbr_signature = 0x1234 },
		{ .device = 0x90, .has_mbr_signature = true, .mbr_signature = 0x5678 },
		{ .device = 0x00 },
	};
	struct fixture *f = *state;
	struct segment s = { 0 };

	fixture_fill(raw, sizeof(raw), 30);
	f->machine.edd = edd;
	f->machine.n_edd = ARRAY_SIZE(edd);
	build(f, &s, NULL);
	assert_int_equal(s.bp.eddbuf_entries, 3);
	assert_int_equal(s.bp.eddbuf[0].legacy_max_cylinder, 1022);
	assert_int_equal(s.bp.eddbuf[0].legacy_sectors_per_track, 63);
	assert_memory_equal(&s.bp.eddbuf[0].params, raw, sizeof(raw));
	assert_int_equal(s.bp.eddbuf[2].device, 0x82);
	assert_int_equal(s.bp.eddbuf[2].version, 0x21);
	assert_int_equal(s.bp.edd_mbr_sig_buf_entries, 8);
	assert_int_equal(s.bp.edd_mbr_sig_buffer[2], 0xdeadbeef);
	assert_int_equal(s.bp.edd_mbr_sig_buffer[7], 0x1234);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(tells_where_everything_is),
		fixture_test(copies_the_header_for_its_own_length),
		fixture_test(leaves_what_other_entries_use),
		fixture_test(never_copies_a_header_past_its_room),
		fixture_test(makes_a_header_for_an_elf),
		fixture_test(knows_which_protocol_takes_the_rsdp),
		fixture_test(inherits_the_screen_but_not_the_rest),
		fixture_test(works_without_boot_params),
		fixture_test(passes_efi_on_with_our_own_map),
		fixture_test(names_what_keeps_efi_out),
		fixture_test(the_map_overflows_into_a_node),
		fixture_test(exactly_128_entries_need_no_node),
		fixture_test(seeds_the_random_generator),
		fixture_test(carries_what_parking_needs),
		fixture_test(disks_keep_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
