#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Make ./configure from configure.ac. Needs autoconf, automake, libtool and pkg-config.
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all,no-obsolete,no-portability
