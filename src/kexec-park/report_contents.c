/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plan_words.h"
#include "redact.h"
#include "report_contents.h"
#include "report_parts.h"
#include "say.h"

static const struct {
	const char *name, *what;
} contents[] = {
	{ "README", "this list, and what was left out" },
	{ "versions.txt", "versions; whether kernels are loaded" },
	{ "machine", "what --plan --root=DIR needs to know of the machine" },
	{ "not-recorded.txt", "what of that could not be read, and why" },
	{ "plan-crash.txt", "the plan of a crash kernel, or why there is none" },
	{ "plan-crash.json", "the same for programs" },
	{ "plan-normal.txt", "the plan of a normal load, or why there is none" },
	{ "plan-normal.json", "the same for programs" },
	{ "park-status.txt", "the park page and the last hand-over" },
	{ "park-status.json", "the same for programs" },
};

#define N_CONTENTS (sizeof(contents) / sizeof(contents[0]))

static const char left_out[] =
	"Left out:\n"
	"- All words of kernel command lines but those with the names below. Of another\n"
	"  name=value the name stays. All words for init are left out.\n";

static const char left_out_too[] =
	"- Memory. The report has the addresses of possible park pages;\n"
	"  park-status.txt has the contents of the record in the park page.\n"
	"- proc/kcore and proc/kallsyms. They hold virtual addresses, which KASLR hides.\n"
	"  Only the elfcorehdr of a crash kernel needs them.\n"
	"- EDID of the screen, worldwide names and signatures of the disks (boot_params,\n"
	"  EDD). Unknown lines of cpuinfo. Every captured file that is not known to be\n"
	"  harmless: not-recorded.txt names them.\n"
	"- The folder of the kernel image.\n"
	"The report has: physical addresses, without which there is no plan; versions of the\n"
	"kernel and of the distribution; the processor's model, flags and APIC IDs. An\n"
	"error message can hold the name of a file as it was given.\n";

int report_put_readme(const struct report *r)
{
	FILE *part = part_new(r, "README");
	unsigned at = 0;

	if (!part)
		return -1;
	fprintf(part, "A report by kexec-park --report, of:\n\n");
	for (size_t i = 0; i < N_CONTENTS; i++)
		fprintf(part, "  %-17s %s\n", contents[i].name, contents[i].what);
	fprintf(part, "\n%s", left_out);
	for (unsigned i = 0; redact_kept(i); i++) {
		unsigned width = (unsigned)strlen(redact_kept(i)) + 1;

		if (i == 0 || at + width > 76) {
			fputs(i ? "\n   " : "   ", part);
			at = 0;
		}
		fprintf(part, " %s", redact_kept(i));
		at += width;
	}
	fprintf(part, "\n%s", left_out_too);
	return part_close(r, part, "README");
}

struct tally {
	unsigned files;
	unsigned long long bytes;
};

static struct tally counted;       /* nftw() hands nothing on to its function */

static int count_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	if (flag == FTW_F) {
		counted.files++;
		counted.bytes += (unsigned long long)st->st_size;
	}
	return 0;
}

void report_list_contents(const struct report *r, const char *file, FILE *out)
{
	char size[PLAN_SIZE_TEXT];

	say_plain(out, file);
	fprintf(out, " holds, beneath " REPORT_TOP "/:\n");
	for (size_t i = 0; i < N_CONTENTS; i++) {
		char *path = part_path(r, contents[i].name);

		counted = (struct tally){ 0 };
		if (path && nftw(path, count_file, 8, FTW_PHYS) == 0)
			fprintf(out, "  %-17s %3u file%s %10s  %s\n", contents[i].name,
				counted.files, counted.files == 1 ? ", " : "s,",
				plan_size(counted.bytes, size), contents[i].what);
		else if (!path || errno != ENOENT)
			fprintf(out, "  %-17s (not counted: %s)  %s\n", contents[i].name,
				strerror(errno), contents[i].what);
		free(path);
	}
	fprintf(out, "Left out: memory, virtual addresses, and all words of the command line\n"
		"that README does not list. Read the report before you send it.\n");
}
