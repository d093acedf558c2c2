/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was asked for on the command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "kexec_types.h"

enum action {
	ACTION_NONE,
	ACTION_LOAD,               /* -l or -p, or --plan by itself */
	ACTION_LOAD_SHUTDOWN,      /* no action named: load, then shutdown -r now */
	ACTION_LOAD_EXEC,          /* -f */
	ACTION_EXEC,               /* -e */
	ACTION_UNLOAD,             /* -u */
	ACTION_STATUS,             /* -S */
	ACTION_CAPTURE,            /* --capture */
	ACTION_PARK_STATUS,        /* --park-status */
	ACTION_CRASH_SIZE,         /* --print-ckr-size */
	ACTION_REPORT,             /* --report */
	ACTION_HELP,               /* -h */
	ACTION_VERSION,            /* -v */
};

/* What was given and changes nothing: an option, by its long name, or an argument. */
struct ignored {
	const char *what;
	const char *how;           /* what comes between its name and @why; NULL: it is an argument */
	const char *why;
};

#define OPTIONS_IGNORED 64

struct options {
	enum action action;
	struct kp_request request; /* strings are argv's; initrds is ours */
	const char *root;          /* --root, or "" */
	const char *capture_dir;
	const char *report, *svg;  /* files to write, or NULL */
	const char *topic;         /* of --help, or NULL */
	bool plan, json, debug, skip_ifdown, skip_sync;
	enum kp_call call;         /* -c, -s or -a */
	bool as_kexec;             /* argv[0] is kexec: its defaults, and its leniency */
	bool call_given;           /* one of -c, -s and -a */
	int bad_status;            /* as kexec: what to exit with where that is not EXIT_USAGE */
	struct ignored ignored[OPTIONS_IGNORED]; /* only if as_kexec; to be warned of */
	size_t n_ignored;
};

#endif
