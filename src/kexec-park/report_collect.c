/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "load.h"
#include "park_status.h"
#include "plan_json.h"
#include "plan_text.h"
#include "progress.h"
#include "redact.h"
#include "report_collect.h"
#include "report_parts.h"

/* ---- the machine -------------------------------------------------------------------------- */

static void note_missed(void *arg, const char *path, const char *why)
{
	fprintf(arg, "%s: %s\n", path, why);
}

static int put_machine(const struct report *r)
{
	FILE *missed = part_new(r, "not-recorded.txt");
	char *dir = part_path(r, "machine");
	int rc = -1;

	if (missed && dir)
		rc = kp_machine_capture(r->root, dir, note_missed, missed, r->err);
	free(dir);
	if (!missed)
		return -1;
	return part_close(r, missed, "not-recorded.txt") ? -1 : rc;
}

/* ---- plans -------------------------------------------------------------------------------- */

/* Where distributions keep the image of the kernel that runs. */
static bool find_image(const struct report *r, char image[PATH_MAX])
{
	static const char *const places[] = {
		"/boot/vmlinuz-%s", "/lib/modules/%s/vmlinuz", "/usr/lib/modules/%s/vmlinuz" };

	if (!*r->release || strchr(r->release, '/'))    /* a recorded one may be anything */
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(image, PATH_MAX, places[i], r->release);
		if (access(image, R_OK) == 0)
			return true;
	}
	return false;
}

static int put_plan_text(const struct report *r, const char *name, const struct kp_plan *plan,
			 const char *image, const struct kp_error *why)
{
	static const struct plan_style plain = { .columns = 80 };
	FILE *part = part_new(r, name);

	if (!part)
		return -1;
	part_put_text(part, "image:        ", basename(image));
	if (plan)
		plan_print(part, plan, &plain);
	else
		part_put_text(part, "no plan: ", why->text);
	return part_close(r, part, name);
}

static int put_plan(const struct report *r, const struct kp_request *request,
		    const struct kp_plan *plan, const struct kp_error *why)
{
	bool crash = request->slot == KP_CRASH;
	struct kp_plan shown = plan ? *plan : (struct kp_plan){ 0 };
	char *cmdline = redact_cmdline(shown.cmdline ? shown.cmdline : "");
	int rc;

	if (!cmdline)
		return report_fail(r->err, ENOMEM, "cannot write a plan of the report");
	shown.cmdline = cmdline;
	rc = put_plan_text(r, crash ? "plan-crash.txt" : "plan-normal.txt", plan ? &shown : NULL,
			   request->image, why);
	if (rc == 0 && plan)
		rc = part_put_json(r, crash ? "plan-crash.json" : "plan-normal.json",
			      plan_json(&shown));
	free(cmdline);
	return rc;
}

static int plan_slot_of(const struct report *r, const struct kp_machine *machine,
			struct kp_request request)
{
	struct kp_load *load = NULL;
	struct kp_error why = { 0 };
	char image[PATH_MAX];
	int rc;

	if (!request.image && find_image(r, image))
		request.image = image;
	if (request.image) {
		kp_load_plan(&request, machine, &load, &why);
	} else {
		request.image = "none";
		snprintf(why.text, sizeof(why.text), "no image was named, and that of the running "
			 "kernel (%s) was not found", *r->release ? r->release : "unknown");
	}
	rc = put_plan(r, &request, load ? kp_load_shown(load) : NULL, &why);
	kp_load_free(load);
	return rc;
}

/* Without options about the command line and parking: plan what most people would load. */
static int put_plans(const struct report *r, const struct kp_machine *machine)
{
	struct kp_request request = *r->request;
	int rc;

	if (!request.cmdline)
		request.reuse_cmdline = true;
	if (request.park == KP_PARK_OFF)
		request.park = KP_PARK_TRY;
	request.progress = progress_tell;
	progress_start();
	request.slot = KP_CRASH;
	rc = plan_slot_of(r, machine, request);
	request.slot = KP_NORMAL;
	if (rc == 0)
		rc = plan_slot_of(r, machine, request);
	progress_stop();
	return rc;
}

/* ---- the park page ------------------------------------------------------------------------ */

static int put_park_status(const struct report *r, const struct kp_machine *machine)
{
	static const char name[] = "park-status.txt";
	struct kp_park_status status = { 0 };
	struct kp_error why = { 0 };
	bool known = kp_park_status_read(machine, &status, &why) == 0;
	FILE *part = part_new(r, name);

	if (!part)
		return -1;
	if (known)
		park_status_print(part, &status);
	else
		part_put_text(part, "not known: ", why.text);
	if (part_close(r, part, name))
		return -1;
	return known ? part_put_json(r, "park-status.json", park_status_json(&status)) : 0;
}

static int put_findings(const struct report *r)
{
	struct kp_error why = { 0 };
	struct kp_machine *machine;
	int rc;

	if (kp_machine_read(r->root, &machine, &why)) {
		FILE *part = part_new(r, "plan-crash.txt");

		if (!part)
			return -1;
		part_put_text(part, "no plan: ", why.text);
		return part_close(r, part, "plan-crash.txt");
	}
	rc = put_plans(r, machine) || put_park_status(r, machine) ? -1 : 0;
	kp_machine_free(machine);
	return rc;
}

/* ---- versions ----------------------------------------------------------------------------- */

static const char *loaded_word(enum kp_slot slot)
{
	struct kp_error err;
	int loaded = kp_loaded(slot, &err);

	return loaded < 0 ? "unknown" : loaded ? "yes" : "no";
}

/* ID and VERSION_ID of os-release(5), as they are written there. */
static void put_distribution(FILE *part)
{
	FILE *file = fopen("/etc/os-release", "re");
	char line[256];

	if (!file && errno != ENOENT)
		fprintf(part, "distribution unknown: %s\n", strerror(errno));
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "ID=", 3) == 0 || strncmp(line, "VERSION_ID=", 11) == 0)
			part_put_text(part, "distribution ", strtok(line, "\n"));
	if (file)
		fclose(file);
}

static int put_versions(const struct report *r)
{
	FILE *part = part_new(r, "versions.txt");
	struct utsname u;

	if (!part)
		return -1;
	fprintf(part, "kexec-park %s\n", kp_version());
	part_put_text(part, "kernel of machine/ ", *r->release ? r->release : "unknown");
	if (*r->root)
		fprintf(part, "machine/ was recorded before this report, on whatever machine\n");
	if (uname(&u) == 0)
		fprintf(part, "reported by %s %s %s %s\n", u.sysname, u.release, u.version,
			u.machine);
	put_distribution(part);
	fprintf(part, "normal kernel loaded: %s\ncrash kernel loaded: %s\n",
		loaded_word(KP_NORMAL), loaded_word(KP_CRASH));
	return part_close(r, part, "versions.txt");
}

int report_collect_machine(struct report *r)
{
	if (put_machine(r))
		return -1;
	part_first_line(r, "machine/proc/sys/kernel/osrelease", r->release, sizeof(r->release));
	return 0;
}

int report_collect_findings(const struct report *r)
{
	return put_findings(r) || put_versions(r) ? -1 : 0;
}
