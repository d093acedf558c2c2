/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "help.h"
#include "option_table.h"

/* Where the text of an option starts: behind the longest name of its page, within these. */
#define LEAST_INDENT 22
#define MOST_INDENT 28

/* A page: @before, the options whose row says that they are @in it, @behind. */
static const struct topic {
	const char *name;
	unsigned in;               /* an enum option_topic, or 0: it lists none */
	const char *before, *behind;
} topics[] = {
	{ "", IN_FIRST,
"Usage: kexec-park [ACTION] [OPTION]... [KERNEL]\n"
"Boot another kernel from this one, by a hand-over that survives NMIs and\n"
"machine checks. KERNEL is a bzImage, a unified kernel image or a vmlinux, also\n"
"compressed. Without an action: load KERNEL, then run shutdown -r now.\n",
NULL },
	{ "load", IN_LOAD,
"How a kernel is loaded, with -l, -p, -f or no action:\n", NULL },
	{ "calls", IN_CALLS,
"Which system call loads (the last one given counts), and what kexec(8) has:\n",
"Each other option of kexec is refused, with its reason. Run by the name kexec,\n"
"what kexec ignores is a warning (kexec-park(8), In the place of kexec).\n" },
	{ "crash", IN_CRASH,
"A crash kernel waits in memory that crashkernel=SIZE on this kernel's command\n"
"line sets aside. It boots when this kernel panics, to save /proc/vmcore.\n"
"\n"
"  kexec-park -p /boot/vmlinuz --initrd=/boot/initrd.img \\\n"
"      --reuse-cmdline --append='maxcpus=1 irqpoll reset_devices'\n",
"Exit status 254: no memory is reserved for a crash kernel.\n" },
	{ "exec", IN_EXEC,
"Booting the loaded kernel:\n",
"No service is stopped and no file system unmounted. To stop them first, load\n"
"with -l and reboot with `systemctl kexec' or the like, or name no action at\n"
"all: KERNEL is loaded and `shutdown -r now' is run.\n" },
	{ "console", IN_CONSOLE,
"The purgatory runs between the two kernels. Where it writes its messages:\n",
"It writes a line a phase, with the NMIs and machine checks it has handled. A\n"
"digest mismatch is always written to the serial port and the VGA text screen.\n"
"With --park-page the last lines are kept: see --park-status.\n" },
	{ "park", IN_PARK,
"The park page: 4096 bytes below 1 MiB, kept from kernel to kernel, in which\n"
"every CPU that the next kernel does not use is halted.\n",
"Where parking cannot work (TDX, SEV, tboot, ACPI wakeup mailbox) the load\n"
"fails and says why; with try it warns and goes on.\n" },
	{ "plan", IN_PLAN,
"Looking before loading:\n",
"  kexec-park --capture=/tmp/box              on the one machine\n"
"  kexec-park -p --plan --root=/tmp/box K     on any other\n"
"\n"
"What is printed is what a load submits: both come from the same plan.\n" },
	{ "status", 0,
"Exit status:\n"
"\n"
"    0   done\n"
"    1   an option is wrong; -S: a kernel is loaded\n"
"  253   -s: the running kernel cannot load that way\n"
"  254   no memory is reserved for a crash kernel\n"
"  255   anything else: the line on stderr says what\n"
"\n"
"  --park-status: 0 the page is there and intact, 1 there is none, 2 it is\n"
"  corrupt, 255 it could not be read.\n", NULL },
};

#define N_TOPICS (sizeof(topics) / sizeof(topics[0]))

/* "  -t, --type=TYPE": its length. */
static int put_left(FILE *out, const struct option_row *row)
{
	char letter[] = { '-', row->letter, ',', '\0' };

	return fprintf(out, "  %-3s --%s%s%s%s%s", row->letter ? letter : "", row->name,
		       row->arg_optional ? "[" : "", row->arg ? "=" : "", row->arg ? row->arg : "",
		       row->arg_optional ? "]" : "");
}

/* How long put_left()'s line is. */
static int left_length(const struct option_row *row)
{
	size_t arg = row->arg ? 1 + strlen(row->arg) : 0;

	return (int)(strlen("  -x, --") + strlen(row->name) + arg + 2 * row->arg_optional);
}

static int start_line(FILE *out, int indent)
{
	fprintf(out, "\n%*s", indent, "");
	return indent;
}

/* Print @text from column @indent to the last; a newline in it starts a line, too. */
static void put_wrapped(FILE *out, const char *text, int indent)
{
	int at = indent;

	while (*text) {
		int len = (int)strcspn(text, " \n");

		if (at > indent && at + 1 + len > HELP_COLUMNS)
			at = start_line(out, indent);
		else if (at > indent)
			at += fprintf(out, " ");
		at += fprintf(out, "%.*s", len, text);
		text += len;
		if (*text == '\n')
			at = start_line(out, indent);
		text += *text != '\0';
	}
}

/* Of an option on several pages all but the last have the summary alone. */
static bool is_brief(const struct option_row *row, const struct topic *topic)
{
	return row->topics > 2 * topic->in || topic->in == IN_FIRST;
}

static void put_option(FILE *out, const struct option_row *row, bool brief, int indent)
{
	char text[512];
	int at = put_left(out, row);

	if (at + 2 > indent)
		start_line(out, indent);
	else
		fprintf(out, "%*s", indent - at, "");
	snprintf(text, sizeof(text), "%s%s%s%s%s", row->summary,
		 row->more && !brief ? row->more : "", row->alias && !brief ? " (also --" : "",
		 row->alias && !brief ? row->alias : "", row->alias && !brief ? ")" : "");
	put_wrapped(out, text, indent);
	fputc('\n', out);
}

static int indent_of(const struct topic *topic)
{
	int indent = LEAST_INDENT;

	for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++)
		if ((row->topics & topic->in) && left_length(row) + 2 > indent)
			indent = left_length(row) + 2;
	return indent < MOST_INDENT ? indent : MOST_INDENT;
}

static void put_topic(FILE *out, const struct topic *topic)
{
	bool any = false;

	fputs(topic->before, out);
	for (const struct option_row *row = option_rows; row < option_rows + N_OPTIONS; row++) {
		if (!(row->topics & topic->in))
			continue;
		fputs(any ? "" : "\n", out);
		put_option(out, row, is_brief(row, topic), indent_of(topic));
		any = true;
	}
	if (topic->behind)
		fprintf(out, "\n%s", topic->behind);
	if (topic->in == IN_FIRST) {
		char list[128];

		help_list_topics(list, sizeof(list));
		fprintf(out, "More: --help TOPIC, of %s\n", list);
	}
}

bool help_print(FILE *out, const char *topic)
{
	for (size_t i = 0; i < N_TOPICS; i++) {
		if (strcmp(topics[i].name, topic ? topic : "") == 0) {
			put_topic(out, &topics[i]);
			return true;
		}
	}
	return false;
}

const char *help_topic(unsigned i)
{
	return i < N_TOPICS ? topics[i].name : NULL;
}

void help_list_topics(char *list, size_t size)
{
	size_t used = 0;

	for (size_t i = 1; i < N_TOPICS && used < size; i++)
		used += (size_t)snprintf(list + used, size - used, "%s%s", i == 1 ? "" : ", ",
					 topics[i].name);
}
