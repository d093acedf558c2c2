/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sme.h"

#include <stdlib.h>

#include "cmdline.h"

/* Linux 08f253ec3767: since 6.0 a kernel that does not use SME clears the flag. */
#define FLAG_TELLS_SINCE	6

/*
 * The kernel also says "AMD Memory Encryption Features active: SME" in its log, which overflows, and
 * which is not to be read by everybody.
 */
static bool flag_tells(const struct kp_sme *sme)
{
	return sme->release && strtol(sme->release, NULL, 10) >= FLAG_TELLS_SINCE;
}

/* What the command line says, which counts from SME's first kernel to the newest (sme_enable()). */
static enum kp_known word(const struct kp_sme *sme)
{
	const char *cmdline = sme->cmdline ?: "";

	if (kp_cmdline_is(cmdline, "mem_encrypt", "on"))
		return KP_YES;
	return kp_cmdline_is(cmdline, "mem_encrypt", "off") ? KP_NO : KP_UNKNOWN;
}

bool kp_sme_depends(const struct kp_sme *sme)
{
	return sme->flag == KP_YES && !flag_tells(sme) && word(sme) == KP_UNKNOWN;
}

enum kp_known kp_sme_state(const struct kp_sme *sme)
{
	if (sme->flag == KP_NO)
		return KP_NO;
	if (kp_sme_depends(sme))
		return sme->by_default;
	if (sme->flag == KP_YES && flag_tells(sme))
		return KP_YES;
	return word(sme) == KP_YES ? KP_YES : KP_NO;
}
