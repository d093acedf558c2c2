/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ABI_AT(type, member, offset): the compiler holds a C structure to the offset that
 * assembly, tests and other loaders use. The offset is the truth; the structure follows.
 */
#ifndef ABI_AT_H
#define ABI_AT_H

#ifndef __ASSEMBLER__
#include <stddef.h>

#ifdef __cplusplus
#define ABI_ASSERT static_assert
#else
#define ABI_ASSERT _Static_assert
#endif

#define ABI_AT(type, member, offset)                                                       \
	ABI_ASSERT(offsetof(type, member) == (offset), #member " is not at " #offset)

#define ABI_SIZE(type, bytes)                                                              \
	ABI_ASSERT(sizeof(type) == (bytes), #type " is not " #bytes " bytes")

#endif /* !__ASSEMBLER__ */
#endif
