/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What -e does to the network, in a network namespace of this test's own with a tap device in it.
 * The program's main() and reboot(2) are not in this test.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "in_range.h"
#include "network.h"

static char told[2][IFNAMSIZ];
static size_t n_told;

static void tell(void *arg, const char *interface, int sys)
{
	assert_ptr_equal(arg, told);
	assert_int_equal(sys, 0);
	assert_uint_in_range(n_told, 0, 1);
	snprintf(told[n_told++], IFNAMSIZ, "%s", interface);
}

static struct ifreq named(const char *name)
{
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, name, strlen(name) + 1);
	return req;
}

static bool is_up(int fd, const char *name)
{
	struct ifreq req = named(name);

	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &req), 0);
	return req.ifr_flags & IFF_UP;
}

static void bring_up(int fd, const char *name)
{
	struct ifreq req = named(name);

	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &req), 0);
	req.ifr_flags |= IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &req), 0);
	assert_true(is_up(fd, name));
}

/* In a namespace of our own: a tap device, or -1 where that is not allowed. */
static int make_tap(const char *name)
{
	struct ifreq req = named(name);
	int fd;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -1;
	fd = open("/dev/net/tun", O_RDWR);
	req.ifr_flags = IFF_TAP | IFF_NO_PI;
	return fd < 0 || ioctl(fd, TUNSETIFF, &req) ? -1 : fd;
}

static void all_but_loopback_go_down(void **state)
{
	int tap = make_tap("kp0"), fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)state;
	if (tap < 0) {
		print_message("no network namespace or tap device: %s\n", strerror(errno));
		skip();
	}
	bring_up(fd, "lo");
	bring_up(fd, "kp0");
	network_down(tell, told);
	assert_false(is_up(fd, "kp0"));
	assert_true(is_up(fd, "lo"));
	assert_int_equal(n_told, 1);
	assert_string_equal(told[0], "kp0");

	network_down(tell, told); /* what is down already is not told of */
	assert_int_equal(n_told, 1);
	close(fd);
	close(tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_but_loopback_go_down) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
