/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * assert_uint_in_range() for cmocka 1 too, where it has its old name, which cmocka 2 deprecates.
 * Include it behind cmocka.h.
 */
#ifndef IN_RANGE_H
#define IN_RANGE_H

#ifndef assert_uint_in_range
#define assert_uint_in_range(value, minimum, maximum) assert_in_range(value, minimum, maximum)
#endif

#endif
