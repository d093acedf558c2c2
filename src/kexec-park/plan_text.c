/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>

#include "plan_draw.h"
#include "plan_picture.h"
#include "plan_text.h"
#include "plan_words.h"
#include "say.h"

static void print_park(FILE *out, const struct kp_park_plan *park)
{
	if (park->state == KP_PARK_STATE_NONE)
		fprintf(out, "other CPUs:   not parked\n");
	else
		fprintf(out, "other CPUs:   %" PRIu32 " parked (%s) in the page 0x%05" PRIx64
			" (%s)\n", park->expected, plan_park_mode(park->mode), park->address,
			plan_park_state(park->state));
}

static void print_cmdline(FILE *out, const struct kp_plan *plan)
{
	fputs("command line: ", out);
	say_plain(out, plan->cmdline ? plan->cmdline : "");
	fputc('\n', out);
}

static void print_facts(FILE *out, const struct kp_plan *plan)
{
	fprintf(out, "slot:         %s\n", plan_slot(plan->slot));
	fprintf(out, "entry:        0x%" PRIx64 "\n", plan->entry);
	print_park(out, &plan->park);
	print_cmdline(out, plan);
}

/* The running kernel plans such a load, so the rest is unknown. */
static void print_file_plan(FILE *out, const struct kp_plan *plan)
{
	fprintf(out, "slot:         %s\n", plan_slot(plan->slot));
	fprintf(out, "loaded by:    kexec_file_load(2): the running kernel chooses the addresses and "
		"runs its own purgatory\n");
	print_park(out, &plan->park);
	print_cmdline(out, plan);
}

static void print_segments(FILE *out, const struct kp_plan *plan, const struct plan_style *style)
{
	char size[PLAN_SIZE_TEXT];

	fprintf(out, "\n   %-16s %-18s %-18s %12s  digest\n", "segment", "start", "last", "data");
	for (size_t i = 0; i < plan->n_segments; i++) {
		const struct kp_segment *s = &plan->segments[i];

		fputc(' ', out);
		plan_paint(out, style, picture_glyph(i), 1);
		fprintf(out, " %-16s 0x%016" PRIx64 " 0x%016" PRIx64 " %12s  %s\n", s->name,
			s->at.start, s->at.last, plan_size(s->data_bytes, size),
			s->digest ? "yes" : "no");
	}
}

static void print_e820(FILE *out, const struct kp_plan *plan)
{
	char size[PLAN_SIZE_TEXT];

	fprintf(out, "\n   %-16s %-18s %-18s %12s\n", "next e820", "start", "last", "size");
	for (size_t i = 0; i < plan->n_e820; i++) {
		const struct kp_mem *m = &plan->e820[i];
		const char *name = kp_mem_type_name(m->type);
		char number[24];

		snprintf(number, sizeof(number), "type %" PRIu32, m->type);
		fprintf(out, "   %-16s 0x%016" PRIx64 " 0x%016" PRIx64 " %12s\n",
			name ? name : number, m->at.start, m->at.last,
			plan_size(kp_range_bytes(m->at), size));
	}
}

static void print_warnings(FILE *out, const struct kp_plan *plan, const struct plan_style *style)
{
	if (plan->n_warnings)
		fputc('\n', out);
	for (size_t i = 0; i < plan->n_warnings; i++) {
		fprintf(out, "%swarning:%s ", style->colour ? "\033[1m" : "",
			style->colour ? "\033[0m" : "");
		say_plain(out, plan->warnings[i]);
		fputc('\n', out);
	}
}

void plan_print(FILE *out, const struct kp_plan *plan, const struct plan_style *style)
{
	if (plan->call == KP_CALL_FILE) {
		print_file_plan(out, plan);
	} else {
		print_facts(out, plan);
		print_segments(out, plan, style);
		print_e820(out, plan);
		fputc('\n', out);
		plan_draw(out, plan, style);
	}
	print_warnings(out, plan, style);
}
