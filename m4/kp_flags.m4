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

# KP_OPTIONAL_LIB(NAME, PREFIX, MODULE, WHAT FOR): --without-NAME, and use the library if it is
# there, which --with-NAME demands. Defines HAVE_PREFIX to 0 or 1.
AC_DEFUN([KP_OPTIONAL_LIB], [
	AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [do without $4])], [], [with_$1=check])
	AS_IF([test "x$with_$1" = xno], [have_$1=0],
		[PKG_CHECK_MODULES([$2], [$3], [have_$1=1], [have_$1=0])])
	AS_IF([test "x$with_$1" = xyes && test "$have_$1" = 0],
		[AC_MSG_ERROR([--with-$1 was given and $3 was not found])])
	AS_IF([test "$have_$1" = 1], [UNPACK_REQUIRES="$UNPACK_REQUIRES, $3"])
	AC_DEFINE_UNQUOTED([HAVE_$2], [$have_$1], [Whether $4 can be read.])
])
