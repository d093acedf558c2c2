/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file uapi.h
 * Of the kernel's interface, what the headers of some supported distribution do not have yet: Linux
 * 5.10 with glibc 2.31 (Debian 11), 5.15 (Ubuntu 22.04), 6.1 (Debian 12).
 */
#ifndef KP_UAPI_H
#define KP_UAPI_H

#include <stddef.h>                 /* linux/kexec.h of Linux 5.10 lacks it */
#include <linux/kexec.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

/* Linux 5.6, arch/x86/entry/syscalls/syscall_64.tbl. glibc names it since 2.32. */
#ifndef SYS_openat2
#define SYS_openat2	437
#endif

/* include/uapi/linux/kexec.h of Linux 6.5 and 6.10. */
#ifndef KEXEC_UPDATE_ELFCOREHDR
#define KEXEC_UPDATE_ELFCOREHDR		0x00000004
#endif
#ifndef KEXEC_CRASH_HOTPLUG_SUPPORT
#define KEXEC_CRASH_HOTPLUG_SUPPORT	0x00000008
#endif

/* The same of Linux 6.17 and 6.18. */
#ifndef KEXEC_FILE_NO_CMA
#define KEXEC_FILE_NO_CMA		0x00000010
#endif
#ifndef KEXEC_FILE_FORCE_DTB
#define KEXEC_FILE_FORCE_DTB		0x00000020
#endif

#endif
