/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the running kernel says of itself, and who runs beneath it. */
#include "facts.h"
#include "machine_linux.h"
#include "reader.h"
#include "xen.h"

#include <string.h>
#include <sys/utsname.h>

/* ---- what a capture had to note ----------------------------------------------------------- */

int kp_read_facts(struct kp_reader *r)
{
	struct kp_view text;
	int rc;

	if (r->root->live)
		return 0;
	rc = kp_get(r, &text, KP_FACTS_PATH);
	if (rc > 0 && !text.len)
		return kp_note_empty(r);
	if (rc > 0 && kp_facts_parse(text, r->m, r->err))
		return kp_senseless(r);
	return rc < 0 ? -1 : 0;
}

int kp_read_kernel(struct kp_reader *r)
{
	struct utsname u;

	if (kp_get_text(r, "proc/cmdline", &r->m->cmdline) < 0 ||
	    kp_get_text(r, "proc/sys/kernel/osrelease", &r->m->release) < 0)
		return -1;
	if (!r->root->live || uname(&u) != 0)
		return 0;
	r->m->arch = kp_arena_strndup(&r->m->arena, u.machine, strlen(u.machine), r->err);
	return r->m->arch ? 0 : -1;
}

/* ---- hypervisors -------------------------------------------------------------------------- */

/* Nothing but a refusal depends on these: a file that cannot be read counts as empty. */
int kp_read_xen(struct kp_reader *r)
{
	struct kp_xen_files files = { 0 };

	if (kp_keep_file(r, KP_XEN_TYPE, &files.type) < 0 ||
	    kp_keep_file(r, KP_XEN_GUEST_TYPE, &files.guest_type) < 0 ||
	    kp_keep_file(r, KP_XEN_FEATURES, &files.features) < 0 ||
	    kp_keep_file(r, KP_XEN_CAPABILITIES, &files.capabilities) < 0)
		return -1;
	r->m->xen = kp_xen_domain(&files);
	return 0;
}
