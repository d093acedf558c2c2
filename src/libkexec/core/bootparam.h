/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file bootparam.h
 * <asm/bootparam.h>, and what the kernel's headers of Linux 5.10 and 5.15 (Debian 11, Ubuntu 22.04)
 * do not have of it yet. Here as macros, in some kernels an enumeration: the value is the same.
 */
#ifndef KP_BOOTPARAM_H
#define KP_BOOTPARAM_H

#include <asm/bootparam.h>

/* Linux 6.0, arch/x86/include/uapi/asm/bootparam.h; since 6.9 in asm/setup_data.h. */
#ifndef SETUP_RNG_SEED
#define SETUP_RNG_SEED	9
#endif

/* "HdrS": setup_header.header of a bzImage and of boot_params (Documentation/arch/x86/boot.rst). */
#define SETUP_HEADER_MAGIC	0x53726448

#endif
