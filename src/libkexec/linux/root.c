/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "root.h"

#include "text.h"
#include "uapi.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_CAPACITY	(64u << 10)
#define MOST_BYTES	(64u << 20)  /* no fact is this long */

/* O_NONBLOCK: a FIFO in a captured tree must not stop the reader before it is refused. */
#define OPEN_FLAGS	(O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* ---- opening ------------------------------------------------------------------------------ */

/* The rules of open_at_once(), for kernels before 5.6 and filters that know no openat2(). */
static int walk(int dir, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	int at = dir;

	for (;;) {
		size_t n = strcspn(path, "/");
		bool last = path[n] == '\0';
		int fd;

		if (n == 0 || n > NAME_MAX || (n == 2 && path[0] == '.' && path[1] == '.')) {
			fd = -1;
			errno = EXDEV;
		} else {
			memcpy(name, path, n);
			name[n] = '\0';
			fd = openat(at, name, O_NOFOLLOW |
				    (last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC));
		}
		if (at != dir) {
			int kept = errno;

			close(at);
			errno = kept;
		}
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += n + 1;
	}
}

static int open_at_once(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static int open_beneath(const struct kp_root *root, const char *path, int flags)
{
	if (root->live)
		return openat(root->fd, path, flags);
	return root->by_hand ? walk(root->fd, path, flags) : open_at_once(root->fd, path, flags);
}

int kp_root_open(const char *path, struct kp_root *root, struct kp_error *err)
{
	bool live = !path || path[0] == '\0' || strcmp(path, "/") == 0;
	int fd = open(live ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC), probe;

	if (fd < 0)
		return kp_fail_sys(err, KP_IO, errno, "%s", live ? "/" : path);
	probe = open_at_once(fd, ".", O_PATH | O_CLOEXEC);
	if (probe >= 0)
		close(probe);
	*root = (struct kp_root){ .fd = fd, .live = live, .by_hand = probe < 0 };
	return 0;
}

void kp_root_close(struct kp_root *root)
{
	close(root->fd);
	free(root->buf);
	*root = (struct kp_root){ .fd = -1 };
}

int kp_root_fd(const struct kp_root *root, const char *path)
{
	int fd = open_beneath(root, path, OPEN_FLAGS), why = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (root->live)
		return fd;
	if (fstat(fd, &st) != 0)
		why = errno;
	else if (!S_ISREG(st.st_mode))
		why = EINVAL;
	if (why)
		close(fd);
	return why ? -why : fd;
}

/* ---- reading ------------------------------------------------------------------------------ */

static int make_room(struct kp_root *root, size_t used)
{
	size_t cap = root->cap ? root->cap * 2 : FIRST_CAPACITY;
	uint8_t *buf;

	if (used < root->cap)
		return 0;
	if (cap > MOST_BYTES)
		return EFBIG;
	buf = realloc(root->buf, cap);
	if (!buf)
		return ENOMEM;
	root->buf = buf;
	root->cap = cap;
	return 0;
}

static int read_all(struct kp_root *root, int fd, size_t most, size_t *used)
{
	for (*used = 0; *used < most;) {
		size_t room;
		ssize_t n;
		int why = make_room(root, *used);

		if (why)
			return why;
		room = root->cap - *used;
		n = read(fd, root->buf + *used, room < most - *used ? room : most - *used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return 0;
		*used += (size_t)n;
	}
	return 0;
}

static void tell(struct kp_root *root, const char *path, int why, struct kp_view bytes)
{
	if (root->saw)
		root->saw(root->saw_arg, path, why, bytes);
}

int kp_root_read(struct kp_root *root, const char *path, size_t most, struct kp_view *bytes)
{
	int fd = kp_root_fd(root, path);
	size_t used = 0;
	int why = fd < 0 ? -fd : read_all(root, fd, most, &used);

	if (fd >= 0)
		close(fd);
	*bytes = (struct kp_view){ root->buf, why ? 0 : used };
	tell(root, path, why, *bytes);
	return why;
}

bool kp_root_read_text(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	do {
		n = read(fd, text + used, size - 1 - used);
		if (n > 0)
			used += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	text[n == 0 ? used : 0] = '\0';
	return n == 0;
}

static bool ends_in(const char *line, size_t n, const char *tail)
{
	size_t t = strlen(tail);

	return n >= t && memcmp(line + n - t, tail, t) == 0;
}

struct lines {
	int fd;
	uint8_t bytes[16384];
	size_t at, n;
};

/* One byte, or EOF. 0 or an errno. */
static int next_byte(struct lines *l, int *c)
{
	ssize_t n = 0;

	if (l->at == l->n) {
		do
			n = read(l->fd, l->bytes, sizeof(l->bytes));
		while (n < 0 && errno == EINTR);
		l->at = 0;
		l->n = n > 0 ? (size_t)n : 0;
	}
	*c = l->at < l->n ? l->bytes[l->at++] : EOF;
	return n < 0 ? errno : 0;
}

/* A line with its newline, the last one perhaps without. 0 or an errno; *n is 0 at the end. */
static int next_line(struct lines *l, uint8_t *line, size_t room, size_t *n)
{
	int c = 0, why = 0;

	for (*n = 0; c != '\n' && !why;) {
		why = next_byte(l, &c);
		if (why || c == EOF)
			break;
		if (*n == room)
			return EFBIG;
		line[(*n)++] = (uint8_t)c;
	}
	return why;
}

/* The line is left in root->buf, with its newline. Lines and the file are bounded as facts are. */
static int scan(struct kp_root *root, int fd, const char *tail, size_t *used)
{
	struct lines lines = { .fd = fd };
	size_t total = 0, n = 0;
	int why = make_room(root, 0);

	while (!why) {
		why = next_line(&lines, root->buf, FIRST_CAPACITY, &n);
		total += n;
		if (!why && n == 0)
			why = ENODATA;
		else if (!why && total > MOST_BYTES)
			why = EFBIG;
		else if (!why && ends_in((const char *)root->buf,
					 n - (root->buf[n - 1] == '\n'), tail))
			break;
	}
	*used = why ? 0 : n;
	return why;
}

int kp_root_find_line(struct kp_root *root, const char *path, const char *tail,
		      struct kp_view *line)
{
	int fd = kp_root_fd(root, path);
	size_t used = 0;
	int why = fd < 0 ? -fd : scan(root, fd, tail, &used);

	if (fd >= 0)
		close(fd);
	*line = (struct kp_view){ root->buf, used };
	tell(root, path, why, *line);
	return why;
}

/* ---- listing ------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool number_of(const char *name, const char *prefix, unsigned base, uint32_t *number)
{
	size_t skip = strlen(prefix);
	uint64_t n;

	if (strncmp(name, prefix, skip) != 0 ||
	    !kp_text_u64((struct kp_view){ (const uint8_t *)name + skip, strlen(name) - skip },
			 base, &n) || n > UINT32_MAX)
		return false;
	*number = (uint32_t)n;
	return true;
}

/* 0 or an errno. */
static int list(DIR *d, const char *prefix, unsigned base, struct kp_arena *arena,
		uint32_t **numbers, size_t *n)
{
	const struct dirent *entry;
	struct kp_error err;
	size_t cap = 0;
	uint32_t number;

	for (errno = 0; (entry = readdir(d)) != NULL; errno = 0) {
		uint32_t *more;

		if (!number_of(entry->d_name, prefix, base, &number))
			continue;
		more = kp_arena_grow(arena, *numbers, *n, &cap, sizeof(**numbers), &err);
		if (!more)
			return ENOMEM;
		*numbers = more;
		(*numbers)[(*n)++] = number;
	}
	return errno;
}

int kp_root_numbers(struct kp_root *root, const char *dir, const char *prefix, unsigned base,
		    struct kp_arena *arena, uint32_t **numbers, size_t *n)
{
	int fd = open_beneath(root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), why;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	*numbers = NULL;
	*n = 0;
	why = d ? list(d, prefix, base, arena, numbers, n) : errno;
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	if (*n > 1)
		qsort(*numbers, *n, sizeof(**numbers), by_value);
	if (why)
		tell(root, dir, why, (struct kp_view){ NULL, 0 });
	return why;
}
