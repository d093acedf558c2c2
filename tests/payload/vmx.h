/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VMX root operation, in which a CPU is not reached by INIT, and SIPI is not looked at either. */
#ifndef VMX_H
#define VMX_H

/* The CPU that calls. The test fails where there is no VMX. One CPU at a time: there is one region. */
void vmx_root_enter(void);
void vmx_root_leave(void);

#endif
