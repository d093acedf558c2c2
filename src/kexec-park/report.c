/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A report grows as a directory that only its owner can enter, beside the file that it will be.
 * Secrets are taken out there (report_redact.c), and tar(1) packs the rest (report_pack.c): every
 * system that has a kernel to load has one, and a statically linked kexec-park needs no library.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "report_collect.h"
#include "report_contents.h"
#include "report_pack.h"
#include "report_parts.h"
#include "report_redact.h"

/* Nothing is packed that report_redact() has not seen. */
static int fill(struct report *r)
{
	return report_collect_machine(r) || report_redact(r) || report_collect_findings(r) ||
	       report_put_readme(r) ? -1 : 0;
}

static int grow(struct report *r, const char *file, FILE *out)
{
	int rc;

	r->top = private_dir_make(r->dir.fd, REPORT_TOP);
	if (r->top < 0)
		return report_fail(r->err, -r->top, "cannot make a directory for the report");
	rc = fill(r) ? -1 : report_pack(r, file);
	if (rc == 0)
		report_list_contents(r, file, out);
	close(r->top);
	return rc;
}

/* If somebody has renamed the directory, its data is still safe: only its owner can enter it. */
static int clear(struct report *r, int rc)
{
	char name[sizeof(r->dir.name)];
	int why;

	memcpy(name, r->dir.name, sizeof(name));
	why = private_dir_remove(&r->dir);
	if (!why)
		return rc;
	return report_fail(r->err, 0, "cannot remove the directory %s: %s: remove it, it may hold data that "
			   "is not redacted", name, private_dir_why(why));
}

/* Signals wait until the directory is removed: it holds data that is not redacted yet. */
int report_write(const char *file, const char *root, const struct kp_request *request, FILE *out,
		 struct kp_error *err)
{
	struct report r = { .root = root, .request = request, .err = err };
	sigset_t wait, before;
	int rc, why;

	sigemptyset(&wait);
	sigaddset(&wait, SIGINT);
	sigaddset(&wait, SIGTERM);
	sigaddset(&wait, SIGHUP);
	sigprocmask(SIG_BLOCK, &wait, &before);
	why = private_dir_beside(file, &r.dir);
	if (why) {
		rc = report_cannot_write(&r, file, why);
	} else {
		why = private_dir_check_target(&r.dir);
		rc = clear(&r, why ? report_cannot_write(&r, file, why) : grow(&r, file, out));
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
