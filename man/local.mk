# SPDX-License-Identifier: LGPL-2.1-or-later
dist_man_MANS += man/kexec-park.8 man/kexec-park-page.7 man/libkexec.3
