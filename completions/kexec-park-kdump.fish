# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for kexec-park-kdump(8).

complete -c kexec-park-kdump -f
complete -c kexec-park-kdump -n __fish_is_first_arg -a start -d 'Load the crash kernel'
complete -c kexec-park-kdump -n __fish_is_first_arg -a stop -d 'Unload it'
complete -c kexec-park-kdump -n __fish_is_first_arg -a reload -d 'Load it anew'
complete -c kexec-park-kdump -n __fish_is_first_arg -a status -d 'Tell what is loaded'
complete -c kexec-park-kdump -n __fish_is_first_arg -a test -d 'Show what start would load'
