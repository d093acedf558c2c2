/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "devmem.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The chosen one of "none [integrity] confidentiality"; empty when there is no lockdown.
 * Read past the root's observer: it explains another fact and is none of its own.
 */
static struct kp_view lockdown_level(const struct kp_root *root, char buf[64])
{
	int fd = kp_root_fd(root, "sys/kernel/security/lockdown");
	char *from, *to;

	buf[0] = '\0';
	if (fd >= 0) {
		kp_root_read_text(fd, buf, 64);
		close(fd);
	}
	from = strchr(buf, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to || strncmp(from, "[none]", 6) == 0)
		return (struct kp_view){ NULL, 0 };
	return (struct kp_view){ (uint8_t *)from + 1, (size_t)(to - from - 1) };
}

static void explain(struct kp_root *root, struct kp_devmem *dm, int why)
{
	char buf[64];
	struct kp_view level = { NULL, 0 };

	if (why == EPERM || why == EACCES)
		level = lockdown_level(root, buf);
	if (level.len)
		snprintf(dm->why, sizeof(dm->why), "/dev/mem: %s: kernel lockdown (%.*s)",
			 strerror(why), KP_TEXT_ARG(level));
	else
		snprintf(dm->why, sizeof(dm->why), "/dev/mem: %s%s", strerror(why),
			 why == EPERM || why == EACCES ? ": CAP_SYS_RAWIO is needed" : "");
}

void kp_devmem_open(struct kp_root *root, struct kp_devmem *dm)
{
	int fd = kp_root_fd(root, "dev/mem");

	*dm = (struct kp_devmem){ .fd = fd < 0 ? -1 : fd };
	if (fd < 0)
		explain(root, dm, -fd);
}

void kp_devmem_close(struct kp_devmem *dm)
{
	if (dm->fd >= 0)
		close(dm->fd);
	dm->fd = -1;
}

bool kp_devmem_read(struct kp_devmem *dm, uint64_t phys, void *buf, size_t bytes)
{
	ssize_t n;

	if (dm->fd < 0)
		return false;
	n = pread(dm->fd, buf, bytes, (off_t)phys);
	if (n == (ssize_t)bytes)
		return true;
	snprintf(dm->why, sizeof(dm->why), "/dev/mem: reading %zu bytes at %#llx: %s", bytes,
		 (unsigned long long)phys, n < 0 ? strerror(errno) : "cut short");
	return false;
}

int kp_msr_read(const struct kp_root *root, unsigned cpu, uint32_t msr, uint64_t *value)
{
	char path[32];
	int fd, why = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "dev/cpu/%u/msr", cpu);
	fd = kp_root_fd(root, path);
	if (fd < 0)
		return -fd;
	n = pread(fd, value, sizeof(*value), msr);
	if (n != (ssize_t)sizeof(*value))
		why = n < 0 ? errno : EIO;
	close(fd);
	return why;
}
