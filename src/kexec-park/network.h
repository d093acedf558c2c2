/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NETWORK_H
#define NETWORK_H

/* Told of every interface: @sys is 0 when it went down, or the errno. */
typedef void (*network_told)(void *arg, const char *interface, int sys);

/*
 * Take every network interface that is up down, but loopback ones, so that no device goes on
 * receiving into memory that the next kernel uses. One that will not go is told, not fatal.
 */
void network_down(network_told told, void *arg);

#endif
