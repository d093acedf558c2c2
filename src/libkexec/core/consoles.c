/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "consoles.h"

#include <asm/bootparam.h>
#include <string.h>

#include "layout.h"
#include "spcr.h"

#define PORT_DEFAULT		0x3f8
#define PORT_LAST		0xfff8  /* eight registers above it */

/* screen_info.orig_video_isVGA and capabilities, Linux include/uapi/linux/screen_info.h. */
#define VIDEO_VESA		0x23
#define VIDEO_EFI		0x70
#define CAPABILITY_64BIT_BASE	0x2
#define VESA_SIZE_UNIT		65536   /* of lfb_size, where VESA set the mode */

/* A line of the purgatory's has about so many letters of 6 dots; larger ones are easier read. */
#define DOTS_IN_A_LINE		600
#define MOST_SCALE		3

#define PHYS_LAST		((1ULL << 52) - 1)

static int add_device(const struct kp_machine *machine, struct kp_consoles *c, const char *what,
		      uint64_t start, uint64_t bytes, struct kp_error *err)
{
	struct kp_range pages = kp_range_pages(kp_range_of(start, bytes));

	if (start > PHYS_LAST || bytes > PHYS_LAST || pages.last > PHYS_LAST)
		return kp_fail(err, KP_MACHINE, "%s at %#llx is beyond the 52 bits of a physical "
			       "address", what, (unsigned long long)start);
	if (kp_ranges_touch(&machine->system_ram, pages))
		return kp_fail(err, KP_MACHINE, "%s at %#llx: that is System RAM, not a device",
			       what, (unsigned long long)start);
	c->devices[c->n_devices++] = pages;
	return 0;
}

/* ---- serial ------------------------------------------------------------------------------- */

static int ask_firmware(const struct kp_machine *machine, struct kp_spcr *spcr,
			struct kp_error *err)
{
	if (!machine->spcr.len) {
		kp_fail(err, KP_MACHINE, "firmware names no serial console (no ACPI table SPCR)");
		return kp_remedy(err, KP_REMEDY_SERIAL);
	}
	if (kp_spcr_parse(machine->spcr, spcr, err))
		return -1;
	if (spcr->kind == KP_SERIAL_PORT && spcr->address > PORT_LAST)
		return kp_fail(err, KP_MACHINE, "the SPCR's I/O port is %#llx, more than %#x",
			       (unsigned long long)spcr->address, PORT_LAST);
	return 0;
}

static int decide_serial(const struct kp_request *req, const struct kp_machine *machine,
			 struct kp_consoles *c, struct kp_error *err)
{
	struct kp_spcr at = { req->serial, req->serial_address };

	c->serial_port = req->serial_port ?: PORT_DEFAULT;
	if (!req->console_serial)
		return 0;
	c->flags |= PURGATORY_CONSOLE_SERIAL;
	if (req->serial == KP_SERIAL_AUTO && ask_firmware(machine, &at, err))
		return -1;
	if (at.kind == KP_SERIAL_PORT) {
		if (req->serial == KP_SERIAL_AUTO)
			c->serial_port = (uint16_t)at.address;
		return 0;
	}
	c->serial_access = at.kind == KP_SERIAL_MMIO32 ? PURGATORY_UART_MMIO32 : PURGATORY_UART_MMIO;
	c->serial_shift = at.kind == KP_SERIAL_MMIO32 ? 2 : 0;
	c->serial_mmio = at.address;
	return add_device(machine, c, "the serial port", at.address, 8ULL << c->serial_shift, err);
}

/* ---- framebuffer -------------------------------------------------------------------------- */

static uint64_t base_of(const struct screen_info *si)
{
	uint64_t high = si->capabilities & CAPABILITY_64BIT_BASE ? si->ext_lfb_base : 0;

	return high << 32 | si->lfb_base;
}

/* The upper three quarters of each colour: a light grey, whatever the order of the colours. */
static uint32_t field(uint8_t bits, uint8_t position)
{
	uint64_t most = (1ULL << (bits & 31)) - 1;

	return position < 32 ? (uint32_t)((most - most / 4) << position) : 0;
}

static uint32_t ink_of(const struct screen_info *si)
{
	uint32_t ink = field(si->red_size, si->red_pos) | field(si->green_size, si->green_pos) |
		       field(si->blue_size, si->blue_pos);

	return ink ? ink : 0xffffff;
}

/* The text's origin and its steps, for fbcon's four ways to turn it (fbcon.rst, "rotate"). */
static void turn(struct purgatory_framebuffer *fb, unsigned rotate, int64_t pixel, int64_t stride)
{
	uint32_t w = fb->width, h = fb->height;
	uint64_t right = (uint64_t)pixel * (w - 1), bottom = (uint64_t)stride * (h - 1);
	const struct {
		uint64_t corner;
		int64_t step_x, step_y;
	} ways[] = {
		{ 0, pixel, stride },
		{ right, stride, -pixel },          /* the text's top is at the right */
		{ right + bottom, -pixel, -stride },
		{ bottom, -stride, pixel },         /* at the left */
	};

	fb->origin += ways[rotate].corner;
	fb->step_x = ways[rotate].step_x;
	fb->step_y = ways[rotate].step_y;
	fb->width = rotate % 2 ? h : w;
	fb->height = rotate % 2 ? w : h;
}

static int check_screen(const struct screen_info *si, struct kp_error *err)
{
	unsigned bytes = (si->lfb_depth + 7) / 8;

	if (si->orig_video_isVGA != VIDEO_VESA && si->orig_video_isVGA != VIDEO_EFI)
		return kp_fail(err, KP_MACHINE, "a console on the framebuffer: firmware set up no linear "
			       "framebuffer (screen_info type %#x, not 0x23 or 0x70)", si->orig_video_isVGA);
	if (bytes < 2 || bytes > 4)
		return kp_fail(err, KP_MACHINE, "a console on the framebuffer: it has %u bits a pixel, not "
			       " 15, 16, 24 or 32", si->lfb_depth);
	if (!base_of(si) || !si->lfb_width || !si->lfb_height ||
	    si->lfb_linelength < si->lfb_width * bytes)
		return kp_fail(err, KP_MACHINE, "a console on the framebuffer: one at %#llx of %u by %u "
			       "pixels with %u bytes a line makes no sense",
			       (unsigned long long)base_of(si), si->lfb_width, si->lfb_height,
			       si->lfb_linelength);
	return 0;
}

static uint8_t scale_of(uint32_t width)
{
	uint64_t scale = width / DOTS_IN_A_LINE;

	return (uint8_t)(scale < 1 ? 1 : kp_min(scale, MOST_SCALE));
}

static int decide_framebuffer(const struct kp_request *req, const struct kp_machine *machine,
			      struct kp_consoles *c, struct kp_error *err)
{
	struct purgatory_framebuffer *fb = &c->framebuffer;
	struct boot_params running;
	struct screen_info *si = &running.screen_info;

	if (!req->console_fb)
		return 0;
	if (!kp_view_copy(machine->boot_params, 0, &running, sizeof(running)))
		return kp_fail(err, KP_MACHINE, "a console on the framebuffer: the running kernel does not "
			       "show its boot_params (/sys/kernel/boot_params/data)");
	if (check_screen(si, err))
		return -1;
	*fb = (struct purgatory_framebuffer){
		.origin = base_of(si), .width = si->lfb_width, .height = si->lfb_height,
		.ink = ink_of(si), .pixel_bytes = (uint8_t)((si->lfb_depth + 7) / 8),
	};
	turn(fb, req->fb_rotate % 4, fb->pixel_bytes, si->lfb_linelength);
	fb->scale = scale_of(fb->width);
	c->flags |= PURGATORY_CONSOLE_FB;
	return add_device(machine, c, "the framebuffer", base_of(si),
			  (uint64_t)si->lfb_linelength * si->lfb_height, err);
}

/*
 * The running kernel writes to port 0x80 for its own short delays, unless a quirk of the machine
 * (arch/x86/kernel/io_delay.c: laptops that hang) or its command line says otherwise.
 */
static bool may_post(const struct kp_request *req, const struct kp_machine *machine)
{
	return machine->io_delay_0x80 && !req->no_post;
}

static int decide_trace(const struct kp_request *req, const struct kp_machine *machine,
			struct kp_consoles *c, struct kp_error *err)
{
	if (!req->trace_ipmi)
		return 0;
	if (!machine->smbios38.len)
		return kp_fail(err, KP_MACHINE, "a trace in the BMC's event log: firmware names no BMC (no SMBIOS "
			       "structure of type 38 in /sys/firmware/dmi/entries)");
	return kp_smbios38_parse(machine->smbios38, &c->bmc, err);
}

int kp_consoles_decide(const struct kp_request *req, const struct kp_machine *machine,
		       struct kp_consoles *out, struct kp_error *err)
{
	*out = (struct kp_consoles){
		.flags = (req->console_vga ? PURGATORY_CONSOLE_VGA : 0) |
			 (may_post(req, machine) ? PURGATORY_POST : 0),
	};
	if (decide_serial(req, machine, out, err) || decide_framebuffer(req, machine, out, err) ||
	    decide_trace(req, machine, out, err))
		return -1;
	return 0;
}
