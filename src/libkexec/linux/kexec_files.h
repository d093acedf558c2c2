/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file kexec_files.h
 * What the running kernel shows of kexec. Since Linux 6.19 the files are in /sys/kernel/kexec and
 * their older names are symbolic links, to be removed after 2028 (kernel/kexec_core.c,
 * kexec_links; Documentation/ABI/obsolete/sysfs-kernel-kexec-kdump).
 */
#ifndef KP_KEXEC_FILES_H
#define KP_KEXEC_FILES_H

enum kp_kexec_file {
	KP_KEXEC_LOADED,
	KP_KEXEC_CRASH_LOADED,
	KP_KEXEC_CRASH_SIZE,
	KP_KEXEC_ELFCOREHDR_SIZE,
	KP_KEXEC_CMA_RANGES,
};

/** From the root, without a leading slash. */
struct kp_kexec_names {
	const char *now, *before;
};

static inline struct kp_kexec_names kp_kexec_names(enum kp_kexec_file file)
{
	static const struct kp_kexec_names names[] = {
		[KP_KEXEC_LOADED] = { "sys/kernel/kexec/loaded", "sys/kernel/kexec_loaded" },
		[KP_KEXEC_CRASH_LOADED] = { "sys/kernel/kexec/crash_loaded",
					    "sys/kernel/kexec_crash_loaded" },
		[KP_KEXEC_CRASH_SIZE] = { "sys/kernel/kexec/crash_size",
					  "sys/kernel/kexec_crash_size" },
		[KP_KEXEC_ELFCOREHDR_SIZE] = { "sys/kernel/kexec/crash_elfcorehdr_size",
					       "sys/kernel/crash_elfcorehdr_size" },
		[KP_KEXEC_CMA_RANGES] = { "sys/kernel/kexec/crash_cma_ranges",
					  "sys/kernel/kexec_crash_cma_ranges" },
	};

	return names[file];
}

#endif
