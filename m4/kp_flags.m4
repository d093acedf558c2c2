# SPDX-License-Identifier: LGPL-2.1-or-later

# KP_CFLAG(VARIABLE, FLAGS): append FLAGS to VARIABLE if the compiler takes them without a word.
AC_DEFUN([KP_CFLAG], [
	AS_VAR_PUSHDEF([known], [AS_TR_SH([kp_cv_cflag_$2])])
	AC_CACHE_CHECK([whether $CC takes $2], [known], [
		kp_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[return 0;]])],
			[AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
		CFLAGS=$kp_save_CFLAGS])
	AS_VAR_IF([known], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([known])
])

# KP_LDFLAG(VARIABLE, FLAGS): the same for the linker, checked together with $PIE_CFLAGS.
AC_DEFUN([KP_LDFLAG], [
	AS_VAR_PUSHDEF([known], [AS_TR_SH([kp_cv_ldflag_$2])])
	AC_CACHE_CHECK([whether $CC links with $2], [known], [
		kp_save_CFLAGS=$CFLAGS
		kp_save_LDFLAGS=$LDFLAGS
		CFLAGS="$CFLAGS -Werror $PIE_CFLAGS"
		LDFLAGS="$LDFLAGS $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[return 0;]])],
			[AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
		CFLAGS=$kp_save_CFLAGS
		LDFLAGS=$kp_save_LDFLAGS])
	AS_VAR_IF([known], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([known])
])
