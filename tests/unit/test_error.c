/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"

static void fail_fills_everything(void **state)
{
	struct kp_error err = { .code = KP_PARK, .sys = ENOENT, .text = "of before" };

	(void)state;
	assert_int_equal(kp_fail(&err, KP_IMAGE, "%d of %s", 7, "nine"), -1);
	assert_int_equal(err.code, KP_IMAGE);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.text, "7 of nine");
}

static void fail_sys_appends_the_cause(void **state)
{
	struct kp_error err = { 0 };

	(void)state;
	assert_int_equal(kp_fail_sys(&err, KP_IO, ENOENT, "/no/%s", "file"), -1);
	assert_int_equal(err.code, KP_IO);
	assert_int_equal(err.sys, ENOENT);
	assert_string_equal(err.text, "/no/file: No such file or directory");
}

static void within_keeps_code_and_cause(void **state)
{
	struct kp_error err = { 0 };

	(void)state;
	kp_fail_sys(&err, KP_IO, EIO, "read");
	assert_int_equal(kp_within(&err, "initrd %d", 2), -1);
	assert_int_equal(kp_within(&err, "plan"), -1);
	assert_int_equal(err.code, KP_IO);
	assert_int_equal(err.sys, EIO);
	assert_string_equal(err.text, "plan: initrd 2: read: Input/output error");
}

/* Names come out of files: nothing may break the line or steer the terminal. */
static void control_characters_are_shown_as_such(void **state)
{
	struct kp_error err = { 0 };

	(void)state;
	kp_fail(&err, KP_IO, "a\nb\033[2J\177");
	assert_string_equal(err.text, "a?b?[2J?");
	kp_within(&err, "x\ty");
	assert_string_equal(err.text, "x?y: a?b?[2J?");
}

static void long_texts_are_cut_not_overrun(void **state)
{
	struct {
		struct kp_error err;
		char guard[16];
	} s = { .guard = "guard" };
	char name[2 * KP_ERROR_TEXT];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	kp_fail_sys(&s.err, KP_IO, EIO, "%s", name);
	assert_int_equal(strlen(s.err.text), KP_ERROR_TEXT - 1);
	kp_within(&s.err, "context");
	assert_int_equal(strlen(s.err.text), KP_ERROR_TEXT - 1);
	assert_memory_equal(s.err.text, "context: nnnn", 13);
	kp_within(&s.err, "%s", name);
	assert_int_equal(strlen(s.err.text), KP_ERROR_TEXT - 1);
	assert_string_equal(s.guard, "guard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fail_fills_everything),
		cmocka_unit_test(fail_sys_appends_the_cause),
		cmocka_unit_test(within_keeps_code_and_cause),
		cmocka_unit_test(control_characters_are_shown_as_such),
		cmocka_unit_test(long_texts_are_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
