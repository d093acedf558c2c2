/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

/* 1: it was up and is down now; 0: nothing to do; -1: errno says why not. */
static int take_down(int fd, const char *name)
{
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(fd, SIOCGIFFLAGS, &req))
		return -1;
	if (!(req.ifr_flags & IFF_UP) || (req.ifr_flags & IFF_LOOPBACK))
		return 0;
	req.ifr_flags &= (short)~IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &req) ? -1 : 1;
}

void network_down(network_told told, void *arg)
{
	struct if_nameindex *all = if_nameindex();
	/* Any socket will do for the interface ioctls, and this family is always there. */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!all || fd < 0)
		told(arg, "(all)", errno);
	for (struct if_nameindex *i = all; all && fd >= 0 && i->if_name; i++) {
		int rc = take_down(fd, i->if_name);

		if (rc)
			told(arg, i->if_name, rc < 0 ? errno : 0);
	}
	if (fd >= 0)
		close(fd);
	if (all)
		if_freenameindex(all);
}
