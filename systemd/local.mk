# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The kdump service and what goes with it, and the completions. Files that name installed paths
# are made from a .in beside them.

kdump_made_scripts = \
	systemd/kexec-park-kdump \
	systemd/kexec-park-record \
	systemd/kexec-park-save \
	systemd/dracut/99kexec-park/module-setup.sh \
	systemd/initramfs-tools/kexec-park
kdump_made_units = \
	systemd/kdump.service \
	systemd/kexec-park-record.service \
	systemd/kexec-park-reload.service \
	systemd/kexec-park-save.service
kdump_made = $(kdump_made_scripts) $(kdump_made_units)

sbin_SCRIPTS = systemd/kexec-park-kdump
pkglibexec_SCRIPTS = systemd/kexec-park-record systemd/kexec-park-save

systemdsystemunit_DATA = $(kdump_made_units)
kdumptoolsdropindir = $(systemdsystemunitdir)/kdump-tools-dump.service.d
dist_kdumptoolsdropin_DATA = systemd/kdump-tools-dump.service.d/kexec-park.conf

dist_udevrules_DATA = systemd/98-kexec-park.rules
dist_sysconf_DATA = systemd/kexec-park.conf

dracutmoduledir = $(prefix)/lib/dracut/modules.d/99kexec-park
dracutmodule_SCRIPTS = systemd/dracut/99kexec-park/module-setup.sh
initramfshookdir = $(datadir)/initramfs-tools/hooks
initramfshook_SCRIPTS = systemd/initramfs-tools/kexec-park

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = completions/kexec-park completions/kexec-park-kdump
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = completions/_kexec-park completions/_kexec-park-kdump
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = completions/kexec-park.fish completions/kexec-park-kdump.fish

dist_man_MANS += man/kexec-park.conf.5 man/kexec-park-kdump.8
dist_doc_DATA = docs/kdump.md

kdump_make = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' \
	    -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	    -e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' \
	    -e '/^\#@bad_line@$$/{' -e 'r $(top_srcdir)/systemd/bad-line' -e 'd' -e '}' $< > $@
$(kdump_made_scripts): %: $(top_srcdir)/%.in $(top_srcdir)/systemd/bad-line Makefile
	$(kdump_make) && chmod +x $@
$(kdump_made_units): %: $(top_srcdir)/%.in Makefile
	$(kdump_make)
EXTRA_DIST += $(kdump_made:=.in) systemd/bad-line
CLEANFILES += $(kdump_made)

# Of the scripts and the units; without root.
kdump_tests = tests/kdump/guard tests/kdump/scripts tests/kdump/units \
	tests/kdump/distributions tests/kdump/stock
dist_check_SCRIPTS += $(kdump_tests) tests/kdump/recorder
check_DATA += $(kdump_made)
TESTS += $(kdump_tests)
