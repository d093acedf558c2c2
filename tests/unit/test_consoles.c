/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "consoles.h"
#include "plan_fixture.h"

static struct screen_info *screen(struct fixture *f)
{
	return &((struct boot_params *)(void *)f->boot_params)->screen_info;
}

/* 1024 by 768 at 3 GiB, 32 bits a pixel, as OVMF sets it up. */
static void make_screen(struct fixture *f)
{
	*screen(f) = (struct screen_info){
		.orig_video_isVGA = 0x70, .lfb_base = 0xc0000000, .lfb_size = 4096 * 768,
		.lfb_width = 1024, .lfb_height = 768, .lfb_depth = 32, .lfb_linelength = 4096,
		.red_size = 8, .red_pos = 16, .green_size = 8, .green_pos = 8, .blue_size = 8,
	};
	f->req.console_fb = true;
}

static void decide(struct fixture *f, struct kp_consoles *c)
{
	if (kp_consoles_decide(&f->req, &f->machine, c, &f->err))
		fail_msg("%s", f->err.text);
}

static void expect_refusal(struct fixture *f, const char *says)
{
	struct kp_consoles c;

	assert_int_equal(kp_consoles_decide(&f->req, &f->machine, &c, &f->err), -1);
	if (!strstr(f->err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", f->err.text, says);
}

static void by_default_nothing(void **state)
{
	struct fixture *f = *state;
	struct kp_consoles c;

	decide(f, &c);
	assert_int_equal(c.flags, 0);
	assert_int_equal(c.serial_port, 0x3f8);
	assert_int_equal(c.n_devices, 0);
}

/* Where the kernel uses the port itself, and nobody said no. */
static void post_codes_where_the_kernel_uses_the_port(void **state)
{
	struct fixture *f = *state;
	struct kp_consoles c;

	f->machine.io_delay_0x80 = true;
	decide(f, &c);
	assert_int_equal(c.flags, PURGATORY_POST);
	f->req.no_post = true;
	decide(f, &c);
	assert_int_equal(c.flags, 0);
}

static void serial_ports(void **state)
{
	static const struct {
		enum kp_serial serial;
		uint64_t address;
		uint8_t access, shift;
		uint64_t first, last;
	} rows[] = {
		{ KP_SERIAL_MMIO, 0xfe034ff8, PURGATORY_UART_MMIO, 0, 0xfe034000, 0xfe034fff },
		{ KP_SERIAL_MMIO, 0xfe034ffc, PURGATORY_UART_MMIO, 0, 0xfe034000, 0xfe035fff },
		{ KP_SERIAL_MMIO32, 0x380000030000, PURGATORY_UART_MMIO32, 2, 0x380000030000,
		  0x380000030fff },
	};
	struct fixture *f = *state;
	struct kp_consoles c;

	f->req.console_serial = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->req.serial = rows[i].serial;
		f->req.serial_address = rows[i].address;
		decide(f, &c);
		assert_int_equal(c.flags, PURGATORY_CONSOLE_SERIAL);
		assert_int_equal(c.serial_access, rows[i].access);
		assert_int_equal(c.serial_shift, rows[i].shift);
		assert_int_equal(c.serial_mmio, rows[i].address);
		assert_int_equal(c.n_devices, 1);
		assert_int_equal(c.devices[0].start, rows[i].first);
		assert_int_equal(c.devices[0].last, rows[i].last);
	}
	f->req.serial = KP_SERIAL_MMIO;
	f->req.serial_address = MIB(16);
	expect_refusal(f, "System RAM");
	f->req.serial_address = (1ULL << 52) - 4;
	expect_refusal(f, "beyond the 52 bits");
}

static void as_firmware_says(void **state)
{
	static uint8_t table[80] = { 'S', 'P', 'C', 'R', 80, [36] = 0, [40] = 1, [44] = 0xe8,
				     [45] = 2 };
	struct fixture *f = *state;
	struct kp_consoles c;

	f->req.console_serial = true;
	f->req.serial = KP_SERIAL_AUTO;
	expect_refusal(f, "no ACPI table SPCR");
	f->machine.spcr = (struct kp_view){ table, sizeof(table) };
	decide(f, &c);
	assert_int_equal(c.serial_port, 0x2e8);
	assert_int_equal(c.serial_access, PURGATORY_UART_PORT);
	table[46] = 1;
	expect_refusal(f, "I/O port is 0x102e8");
	table[40] = 0;
	expect_refusal(f, "0x102e8: that is System RAM");
	table[36] = 3;
	expect_refusal(f, "not an 8250");
	f->req.serial = KP_SERIAL_PORT; /* a table that nobody asks for harms nobody */
	decide(f, &c);
}

/* Where the text's four corners lie on the screen. */
static void framebuffers(void **state)
{
	static const struct {
		unsigned rotate;
		uint32_t width, height;
		uint64_t top_left, top_right, bottom_left; /* pixels: y << 16 | x of the screen */
	} rows[] = {
		{ 0, 1024, 768, 0, 1023, 767 << 16 },
		{ 1, 768, 1024, 1023, 767 << 16 | 1023, 0 },
		{ 2, 1024, 768, 767 << 16 | 1023, 767 << 16, 1023 },
		{ 3, 768, 1024, 767 << 16, 0, 767 << 16 | 1023 },
	};
	struct fixture *f = *state;

	make_screen(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint64_t want[] = { rows[i].top_left, rows[i].top_right, rows[i].bottom_left };
		struct purgatory_framebuffer *fb;
		struct kp_consoles c;

		f->req.fb_rotate = rows[i].rotate;
		decide(f, &c);
		fb = &c.framebuffer;
		assert_int_equal(c.flags, PURGATORY_CONSOLE_FB);
		assert_int_equal(fb->width, rows[i].width);
		assert_int_equal(fb->height, rows[i].height);
		assert_int_equal(fb->scale, 1);
		assert_int_equal(c.devices[0].start, 0xc0000000);
		assert_int_equal(c.devices[0].last, 0xc0000000 + 4096 * 768 - 1);
		for (unsigned k = 0; k < 3; k++) {
			uint64_t at = fb->origin + (k == 1 ? fb->step_x * (fb->width - 1) : 0) +
				      (k == 2 ? fb->step_y * (fb->height - 1) : 0);

			assert_int_equal(at, 0xc0000000 + (want[k] >> 16) * 4096 +
					 (want[k] & 0xffff) * 4);
		}
	}
}

static void framebuffer_forms(void **state)
{
	struct fixture *f = *state;
	struct kp_consoles c;

	make_screen(f);
	decide(f, &c);
	assert_int_equal(c.framebuffer.ink, 0xc0c0c0);
	screen(f)->ext_lfb_base = 0x3800;
	decide(f, &c); /* the upper half counts only where its flag says so */
	assert_int_equal(c.framebuffer.origin, 0xc0000000);
	screen(f)->capabilities = 2;
	decide(f, &c);
	assert_int_equal(c.framebuffer.origin, 0x3800c0000000);
	assert_int_equal(c.devices[0].start, 0x3800c0000000);
	screen(f)->lfb_depth = 24;
	screen(f)->lfb_linelength = 3 * 1024 + 1;
	screen(f)->orig_video_isVGA = 0x23;
	decide(f, &c);
	assert_int_equal(c.framebuffer.pixel_bytes, 3);
	assert_int_equal(c.framebuffer.step_y, 3 * 1024 + 1);
	screen(f)->lfb_depth = 16;
	screen(f)->red_pos = 11;
	screen(f)->red_size = screen(f)->blue_size = 5;
	screen(f)->green_pos = 5;
	screen(f)->green_size = 6;
	decide(f, &c);
	assert_int_equal(c.framebuffer.pixel_bytes, 2);
	assert_int_equal(c.framebuffer.ink, 24 << 11 | 48 << 5 | 24);
	screen(f)->lfb_width = 3840;
	screen(f)->lfb_linelength = 7680;
	decide(f, &c);
	assert_int_equal(c.framebuffer.scale, 3);
}

static void no_framebuffer(void **state)
{
	struct fixture *f = *state;

	f->req.console_fb = true;
	expect_refusal(f, "no linear framebuffer (screen_info type 0x1,");
	make_screen(f);
	screen(f)->lfb_depth = 8;
	expect_refusal(f, "8 bits a pixel");
	make_screen(f);
	screen(f)->lfb_linelength = 4095;
	expect_refusal(f, "1024 by 768 pixels with 4095 bytes a line");
	make_screen(f);
	screen(f)->lfb_base = 0;
	expect_refusal(f, "makes no sense");
	make_screen(f);
	screen(f)->lfb_base = MIB(64);
	expect_refusal(f, "System RAM");
	f->machine.boot_params.len = 0;
	expect_refusal(f, "/sys/kernel/boot_params/data");
}

static void event_logs(void **state)
{
	static uint8_t bmc[18] = { 38, 18, 0, 0x26, 1, 0x20, 0x20, 0xff, 0xa3, 0x0c, [0x10] = 0 };
	struct fixture *f = *state;
	struct kp_consoles c;

	f->req.trace_ipmi = true;
	expect_refusal(f, "no SMBIOS structure of type 38");
	f->machine.smbios38 = (struct kp_view){ bmc, sizeof(bmc) };
	decide(f, &c);
	assert_int_equal(c.bmc.port, 0xca2);
	assert_int_equal(c.bmc.spacing, 1);
	bmc[0x10] = 0x50; /* 4 bytes apart, at an odd address */
	decide(f, &c);
	assert_int_equal(c.bmc.port, 0xca3);
	assert_int_equal(c.bmc.spacing, 4);
	bmc[0x10] = 0xc0;
	expect_refusal(f, "spacing code 3");
	bmc[0x10] = 0;
	bmc[0x0a] = 1;
	expect_refusal(f, "port 0x10ca2");
	bmc[0x08] = 0xa2;
	expect_refusal(f, "in memory at 0x10ca2");
	bmc[4] = 3;
	expect_refusal(f, "of type 3, not KCS");
	for (size_t len = 1; len < 17; len++) {
		f->machine.smbios38.len = len;
		expect_refusal(f, "not of type 38");
	}
	f->machine.smbios38.len = sizeof(bmc);
	bmc[1] = 19;
	expect_refusal(f, "not of type 38");
	f->req.trace_ipmi = false; /* what nobody asks for harms nobody */
	decide(f, &c);
	assert_int_equal(c.bmc.port, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(by_default_nothing),
		fixture_test(post_codes_where_the_kernel_uses_the_port),
		fixture_test(serial_ports),
		fixture_test(as_firmware_says),
		fixture_test(framebuffers),
		fixture_test(framebuffer_forms),
		fixture_test(no_framebuffer),
		fixture_test(event_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
