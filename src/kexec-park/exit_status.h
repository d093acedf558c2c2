/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

#define EXIT_USAGE 1               /* as kexec(8): a bad option */
#define EXIT_DIED 1                /* as kexec(8): a missing file, nothing to boot, no room */
#define EXIT_NO_FILE_CALL 253      /* -s, and the kernel cannot do that */
#define EXIT_NO_CRASHKERNEL 254
#define EXIT_FAILED 255

#endif
