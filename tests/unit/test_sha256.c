/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SHA-256 against the vectors of FIPS 180-4 / NIST CAVP and against other people's programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sha256.h"

#define SEED 20261121u

static void to_hex(const uint8_t digest[KP_SHA256_BYTES], char hex[65])
{
	for (unsigned i = 0; i < KP_SHA256_BYTES; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
}

static void hash(const void *data, size_t len, char hex[65])
{
	uint8_t digest[KP_SHA256_BYTES];
	struct kp_sha256 s;

	kp_sha256_init(&s);
	kp_sha256_update(&s, data, len);
	kp_sha256_final(&s, digest);
	to_hex(digest, hex);
}

static void known_answers(void **state)
{
	static const struct { const char *name, *text, *hex; } rows[] = {
		{ "empty", "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "one block", "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "56 bytes: the length moves to a second block",
		  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "112 bytes", "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};
	char hex[65];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		hash(rows[i].text, strlen(rows[i].text), hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void a_million_times_a(void **state)
{
	static char text[1000000];
	char hex[65];

	(void)state;
	memset(text, 'a', sizeof(text));
	hash(text, sizeof(text), hex);
	assert_string_equal(hex,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* However the message is cut into calls, and however its pieces are aligned. */
static void pieces_make_no_difference(void **state)
{
	static uint8_t text[4096 + 64];
	char whole[65], pieces[65];

	(void)state;
	srandom(SEED);
	print_message("seed %u\n", SEED);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)random();
	for (unsigned round = 0; round < 500; round++) {
		size_t skip = (size_t)random() % 64, len = (size_t)random() % 4096, done = 0;
		uint8_t digest[KP_SHA256_BYTES];
		struct kp_sha256 s;

		hash(text + skip, len, whole);
		kp_sha256_init(&s);
		while (done < len) {
			size_t n = (size_t)random() % 200;

			n = n < len - done ? n : len - done;
			kp_sha256_update(&s, text + skip + done, n);
			done += n;
		}
		kp_sha256_final(&s, digest);
		to_hex(digest, pieces);
		assert_string_equal(pieces, whole);
	}
}

static void write_file(const char *path, const uint8_t *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* What @program, which reads standard input, says of a file: its digest comes first. */
static void sums_as(const char *program, const char *path, const char *hex)
{
	char command[256], line[65] = "";
	FILE *pipe;

	snprintf(command, sizeof(command), "%s < %s", program, path);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fread(line, 1, 64, pipe), 64);
	pclose(pipe);
	assert_string_equal(line, hex);
}

/* On every short length, and on random ones. */
static void agrees_with(const char *program)
{
	char dir[] = "/tmp/kp-sha256-XXXXXX", path[64], command[128], hex[65];
	static uint8_t data[300000];

	snprintf(command, sizeof(command), "%s < /dev/null > /dev/null 2>&1", program);
	if (system(command) != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/data", dir);
	srandom(SEED);
	for (unsigned round = 0; round < 140; round++) {
		size_t len = round < 130 ? round : (size_t)random() % sizeof(data);

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)random();
		write_file(path, data, len);
		hash(data, len, hex);
		sums_as(program, path, hex);
	}
	unlink(path);
	rmdir(dir);
}

static void agrees_with_sha256sum(void **state)
{
	(void)state;
	agrees_with("sha256sum");
}

static void agrees_with_openssl(void **state)
{
	(void)state;
	agrees_with("openssl dgst -sha256 -r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(a_million_times_a),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(agrees_with_sha256sum),
		cmocka_unit_test(agrees_with_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
