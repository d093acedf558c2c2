/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "option_conditions.h"
#include "option_setters.h"
#include "option_table.h"

/* gcc 10 does not see a designator that a macro names. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 11
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

#define FLAG(member) .flag = offsetof(struct options, member)
#define CHOICE(member, of) .choice = offsetof(struct options, member), .words = (of)
#define RULES(...) .rules = (const struct option_rule[]){ __VA_ARGS__, { NULL, NULL } }

/* Reasons that several rows share. */
#define BY_FILE_CALL "with --kexec-file-syscall: "
#define NO_CONSOLE BY_FILE_CALL "the kernel's own purgatory has no console"
#define BZIMAGE_ONLY BY_FILE_CALL "no x86_64 kernel takes an ELF image through it"
#define NOT_HANDED "with --args-none: the image is handed nothing"
#define CRASH_ONLY "without --load-panic: only a crash kernel has an elfcorehdr"

static const struct option_word mismatch_words[] = {
	{ "reset", KP_MISMATCH_RESET }, { "halt", KP_MISMATCH_HALT },
	{ "boot", KP_MISMATCH_BOOT }, { NULL, 0 } };

static const struct option_word park_mode_words[] = {
	{ "hlt", KP_PARK_HLT }, { "init", KP_PARK_INIT }, { "clgi", KP_PARK_CLGI }, { NULL, 0 } };

/* What .choice sets is written as an unsigned. */
_Static_assert(sizeof(enum kp_mismatch) == sizeof(unsigned), "enum kp_mismatch");
_Static_assert(sizeof(enum kp_park_mode) == sizeof(unsigned), "enum kp_park_mode");

const struct option_row option_rows[N_OPTIONS] = {
#define OPTION(id, its_letter, its_name, its_arg, its_kind, its_topics, its_summary, ...) \
	[OPT_##id] = { .letter = (its_letter), .name = (its_name), .arg = (its_arg), \
		       .kind = (its_kind), .topics = (its_topics), .summary = (its_summary), \
		       __VA_ARGS__ },
#include "option_rows.def"
#undef OPTION
};
