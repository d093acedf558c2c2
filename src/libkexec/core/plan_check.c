/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout.h"
#include "plan.h"

/* The range of a segment or a map entry for a message. */
#define RANGE_FMT "%#llx-%#llx"
#define RANGE_ARG(r) (unsigned long long)(r).start, (unsigned long long)(r).last

static int check_segment(const struct kp_segment *s, struct kp_error *err)
{
	if (s->at.last <= s->at.start || s->at.start % KP_PAGE || (s->at.last + 1) % KP_PAGE)
		return kp_fail(err, KP_INTERNAL, "segment %s at " RANGE_FMT " is not whole pages",
			       s->name, RANGE_ARG(s->at));
	if (s->data_bytes > kp_range_bytes(s->at))
		return kp_fail(err, KP_INTERNAL,
			       "segment %s at " RANGE_FMT " is too small for %zu bytes", s->name,
			       RANGE_ARG(s->at), s->data_bytes);
	if (s->data_bytes && !s->data)
		return kp_fail(err, KP_INTERNAL, "segment %s has %zu bytes but no data", s->name,
			       s->data_bytes);
	return 0;
}

static int check_order(const struct kp_plan *plan, struct kp_error *err)
{
	for (size_t i = 1; i < plan->n_segments; i++) {
		const struct kp_segment *a = &plan->segments[i - 1], *b = &plan->segments[i];

		if (b->at.start <= a->at.last)
			return kp_fail(err, KP_INTERNAL,
				       "segment %s at " RANGE_FMT " is not above %s at " RANGE_FMT,
				       b->name, RANGE_ARG(b->at), a->name, RANGE_ARG(a->at));
	}
	return 0;
}

/* Where this slot's segments may lie: for a crash, kexec_load(2) takes crashk_res only. */
static bool is_allowed(const struct kp_plan *plan, const struct kp_machine *machine,
		       struct kp_range at)
{
	if (plan->slot == KP_NORMAL)
		return kp_ranges_cover(&machine->system_ram, at);
	return kp_range_contains(kp_memory_crash(machine), at);
}

static int check_place(const struct kp_plan *plan, const struct kp_machine *machine,
		       const struct kp_segment *s, struct kp_error *err)
{
	bool parks = plan->park.state != KP_PARK_STATE_NONE;

	if (!is_allowed(plan, machine, s->at))
		return kp_fail(err, KP_INTERNAL, "segment %s at " RANGE_FMT " is outside of %s",
			       s->name, RANGE_ARG(s->at),
			       plan->slot == KP_CRASH ? "the last crashkernel range"
						      : "System RAM");
	if (parks && kp_range_touches(s->at, kp_range_of(plan->park.address, KP_PAGE)))
		return kp_fail(err, KP_INTERNAL,
			       "segment %s at " RANGE_FMT " covers the park page at "
			       "%#llx",
			       s->name, RANGE_ARG(s->at), (unsigned long long)plan->park.address);
	return 0;
}

static int check_entry(const struct kp_plan *plan, struct kp_error *err)
{
	for (size_t i = 0; i < plan->n_segments; i++)
		if (kp_range_has(plan->segments[i].at, plan->entry))
			return 0;
	return kp_fail(err, KP_INTERNAL, "the entry point %#llx is in no segment",
		       (unsigned long long)plan->entry);
}

static int check_e820(const struct kp_plan *plan, struct kp_error *err)
{
	for (size_t i = 0; i < plan->n_e820; i++) {
		const struct kp_mem *m = &plan->e820[i];

		if (kp_range_is_none(m->at) || (i && m->at.start <= m[-1].at.last))
			return kp_fail(err, KP_INTERNAL,
				       "memory map entry %zu, " RANGE_FMT ", is not "
				       "above the one before it",
				       i, RANGE_ARG(m->at));
	}
	return 0;
}

int kp_plan_check(const struct kp_plan *plan, const struct kp_machine *machine,
		  struct kp_error *err)
{
	if (!plan->n_segments || plan->n_segments > KP_MAX_SEGMENTS)
		return kp_fail(err, KP_INTERNAL, "a plan of %zu segments; 1 to %d are possible",
			       plan->n_segments, KP_MAX_SEGMENTS);
	for (size_t i = 0; i < plan->n_segments; i++)
		if (check_segment(&plan->segments[i], err) ||
		    check_place(plan, machine, &plan->segments[i], err))
			return -1;
	if (check_order(plan, err) || check_entry(plan, err))
		return -1;
	return check_e820(plan, err);
}
