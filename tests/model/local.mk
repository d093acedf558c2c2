# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The model of the park page, for spin.

EXTRA_DIST += tests/model/park.pml
dist_check_SCRIPTS += tests/model/run
TESTS += tests/model/run
