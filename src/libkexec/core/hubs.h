/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file hubs.h
 * Machines whose CPUs are on boards that a hub joins. Linux wakes CPUs there through the hub's
 * registers, or does so on some of them, where others obey INIT and SIPI.
 */
#ifndef KP_HUBS_H
#define KP_HUBS_H

#include "error.h"
#include "view.h"

/** What Linux says of a machine with UV firmware; the second name is the older one (since 5.5). */
#define KP_UV_ARCHTYPE		"sys/firmware/sgi_uv/archtype"
#define KP_UV_ARCHTYPE_BEFORE	"proc/sgi_uv/archtype"

/** "SGI UV", "NumaConnect", or NULL: by the maker's name in a MADT. */
const char *kp_hub_of_madt(struct kp_view madt);

/** The same by an architecture type, which outweighs the MADT: NULL for a UV machine without hubs. */
const char *kp_hub_of_archtype(struct kp_view archtype);

/** 0 if @p hub is NULL, else -1 with KP_PARK. */
int kp_hub_refuse(const char *hub, struct kp_error *err);

#endif
