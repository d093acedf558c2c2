/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory that only this user can enter, beside the file or the directory that shall come of
 * what grows in it. Everything goes by descriptors: whoever may rename in the directory around it
 * can move it away, but cannot lead a write elsewhere nor have it read.
 *
 * Needs libc alone. The library, the command and kexec-park-guard are built with it.
 */
#ifndef PRIVATE_DIR_H
#define PRIVATE_DIR_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Mode bits by which others than the owner may write. */
#define OTHERS_WRITE	(S_IWGRP | S_IWOTH)

struct private_dir {
	int parent;                /* the directory around it */
	int fd;                    /* itself */
	char name[NAME_MAX + 1];   /* its name there */
	char target[NAME_MAX + 1]; /* the name there of what shall come of it */
};

/*
 * Make the directory @name of @parent, mode 0700, and open it. A descriptor, or a negative errno:
 * -EEXIST if the name is taken; -ESTALE if another directory was put there meanwhile.
 */
int private_dir_make(int parent, const char *name);

/* Whether what @st is of belongs to this user, and others cannot write to it. */
bool private_is_ours(const struct stat *st);

/* Whether @st is a directory of this user that others cannot write to. */
bool private_dir_is_ours(const struct stat *st);

/*
 * Make one beside @path, of which the last component is the target. 0 or an errno; EINVAL if @path
 * has none. The caller ends it with private_dir_end().
 */
int private_dir_beside(const char *path, struct private_dir *d);

/*
 * 0 if nothing or a regular file is where the target goes; an errno otherwise: EISDIR, ELOOP for a
 * symbolic link, ENOTSUP for a device, a FIFO or a socket. A rename would replace all but the first.
 */
int private_dir_check_target(const struct private_dir *d);

/* The file @name of it, open as @fd, becomes the target. 0 or an errno; ESTALE: it is another file. */
int private_dir_publish(const struct private_dir *d, const char *name, int fd);

/* It becomes the target itself. 0 or an errno; ESTALE: another directory has its name. */
int private_dir_become(const struct private_dir *d);

/* What an errno of these functions means, as words for an error. */
const char *private_dir_why(int why);

/* Remove all that is in it and itself, and close it. 0 or an errno: something is left. */
int private_dir_remove(struct private_dir *d);

/* Close it and leave it. */
void private_dir_end(struct private_dir *d);

#endif
