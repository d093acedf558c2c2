/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine_linux.h"
#include "reader.h"

#include <stdlib.h>

/* In this order: a later step may use what an earlier one found. */
static int (*const steps[])(struct kp_reader *) = {
	kp_read_facts, kp_read_kernel, kp_read_firmware_map, kp_read_iomem, kp_read_total_ram,
	kp_read_crash_sizes, kp_read_crash_cma, kp_read_carried, kp_read_vmcoreinfo,
	kp_read_notes, kp_read_kcore, kp_read_kallsyms, kp_read_cpuinfo, kp_read_sme,
	kp_read_boot_params, kp_read_tboot, kp_read_efi, kp_read_edd, kp_read_madt, kp_read_hub,
	kp_read_consoles, kp_mark_running, kp_read_bsp, kp_read_xen, kp_read_confidential,
	kp_measure_tsc, kp_draw_seed, kp_read_low_memory,
};

static void adopt(struct kp_machine *m)
{
	m->firmware.arena = &m->arena;
	m->system_ram.arena = &m->arena;
	m->crashk.arena = &m->arena;
	m->crash_cma.arena = &m->arena;
	m->kernel_code = KP_RANGE_NONE;
}

int kp_machine_gather(struct kp_root *root, struct kp_machine *machine, struct kp_error *err)
{
	struct kp_reader r = { .root = root, .m = machine, .err = err };

	adopt(machine);
	machine->captured = !root->live;
	r.reserved.arena = &machine->arena;
	*err = (struct kp_error){ 0 };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](&r))
			return -1;
	return 0;
}

int kp_machine_read(const char *root, struct kp_machine **out, struct kp_error *err)
{
	struct kp_machine *m;
	struct kp_root files;
	int rc;

	if (kp_root_open(root, &files, err))
		return -1;
	m = calloc(1, sizeof(*m));
	rc = m ? kp_machine_gather(&files, m, err) :
		 kp_fail(err, KP_NO_MEMORY, "out of memory (%zu bytes)", sizeof(*m));
	kp_root_close(&files);
	if (rc) {
		kp_machine_free(m);
		return -1;
	}
	*out = m;
	return 0;
}

void kp_machine_free(struct kp_machine *machine)
{
	if (!machine)
		return;
	kp_arena_free(&machine->arena);
	free(machine);
}
