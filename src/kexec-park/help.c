/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <string.h>

#include "help.h"

static const struct topic {
	const char *name, *text;
} topics[] = {
	{ "",
"Usage: kexec-park [ACTION] [OPTION]... [KERNEL]\n"
"Boot another kernel from this one, by a hand-over that survives NMIs and\n"
"machine checks. KERNEL is a bzImage, a unified kernel image or a vmlinux, also\n"
"compressed.\n"
"\n"
"  -p, --load-panic     load KERNEL to be booted when this one panics\n"
"  -l, --load           load KERNEL, to be booted by -e or by reboot(8)\n"
"  -e, --exec           boot the loaded kernel now: no service is stopped\n"
"  -f, --force          -l and -e at once\n"
"  -u, --unload         drop the loaded kernel; with -p, the crash kernel\n"
"  -S, --status         exit 1 if a crash kernel (-l -S: a kernel) is loaded\n"
"      --plan           show all that a load would do, and do not do it\n"
"      --park-status    show the park page and the last hand-over through it\n"
"      --capture=DIR    record what --plan --root=DIR needs of this machine\n"
"Without an action: load KERNEL, then run shutdown -r now.\n"
"\n"
"      --initrd=FILE    (--ramdisk) may be given again: joined in order\n"
"      --append=TEXT    (--command-line) the next kernel's command line\n"
"      --reuse-cmdline  start from this kernel's own; --append goes behind\n"
"      --park-page      park the CPUs that the next kernel does not use\n"
"  -d, --debug          say on stderr what is being done\n"
"More: --help load, calls, crash, exec, console, park, plan, status. -v: version\n" },
	{ "load",
"How a kernel is loaded, with -l, -p, -f or no action:\n"
"\n"
"  -t, --type=TYPE      bzImage (bzImage64), vmlinux (elf-x86_64) or uki;\n"
"                       without it, what the file looks like\n"
"      --initrd=FILE    initial RAM disk; several are joined in this order\n"
"      --append=TEXT    command line\n"
"      --reuse-cmdline  the running kernel's, less BOOT_IMAGE= (and, with -p,\n"
"                       crashkernel=)\n"
"      --mem-min=ADDR   place nothing below ADDR\n"
"      --mem-max=ADDR   place nothing above ADDR\n"
"  -i, --no-checks      leave the SHA-256 digest of the kernel out\n"
"      --on-mismatch=WHAT\n"
"                       when the digest does not match: reset the machine\n"
"                       (default), halt, or boot all the same\n"
"      --noefi          do not pass EFI runtime services on\n"
"\n"
"ADDR is in bytes: 16777216, 0x1000000 or 16M.\n" },
	{ "calls",
"Which system call loads (the last one given counts):\n"
"\n"
"  -c, --kexec-syscall       kexec_load(2): the default, all that this program\n"
"                            can do\n"
"  -s, --kexec-file-syscall  kexec_file_load(2): the kernel does it all, signed\n"
"                            images load under lockdown too; nothing is parked\n"
"  -a, --kexec-syscall-auto  -c, and where that is forbidden or missing, or the\n"
"                            machine is an encrypted guest (TDX, SEV), -s; the\n"
"                            default of a program that is called kexec\n"
"      --no-cma              with -s: keep out of the kernel's CMA areas\n"
"      --force-dtb           with -s: pass the running kernel's device tree on\n"
"\n"
"Taken because kexec has them:\n"
"      --args-linux          KERNEL is an ELF image, and Linux (as without)\n"
"      --args-none           KERNEL is an ELF image, and is handed nothing\n"
"      --elf64-core-headers  as always\n"
"      --reuse-video-type    as always\n"
"      --print-ckr-size      print the bytes reserved for a crash kernel\n"
"\n"
"Each other option of kexec is refused, with its reason. Run by the name kexec,\n"
"what kexec ignores is a warning (kexec-park(8), In the place of kexec).\n" },
	{ "crash",
"A crash kernel waits in memory that crashkernel=SIZE on this kernel's command\n"
"line sets aside. It boots when this kernel panics, to save /proc/vmcore.\n"
"\n"
"  kexec-park -p /boot/vmlinuz --initrd=/boot/initrd.img \\\n"
"      --reuse-cmdline --append='maxcpus=1 irqpoll reset_devices'\n"
"\n"
"  -p, --load-panic     load the crash kernel\n"
"  -p -u                unload it\n"
"  -S                   exit 1 if one is loaded, 0 if not\n"
"  -p --plan            show what would be loaded, and where\n"
"      --hotplug        let the running kernel keep the list of CPUs and memory\n"
"                       (the elfcorehdr) current; it is then not in the digest\n"
"      --park-page      leave the other CPUs halted in one page that neither NMI\n"
"                       nor machine check gets them out of\n"
"\n"
"Exit status 254: no memory is reserved for a crash kernel.\n" },
	{ "exec",
"Booting the loaded kernel:\n"
"\n"
"  -e, --exec           sync disks, take the network down, boot\n"
"  -f, --force          load KERNEL, then the same\n"
"  -x, --no-ifdown      leave the network interfaces up\n"
"  -y, --no-sync        do not sync: what is not written yet may be lost\n"
"\n"
"No service is stopped and no file system unmounted. To stop them first, load\n"
"with -l and reboot with `systemctl kexec' or the like, or name no action at\n"
"all: KERNEL is loaded and `shutdown -r now' is run.\n" },
	{ "console",
"The purgatory runs between the two kernels. What it says, and where:\n"
"\n"
"      --console-serial say it on a serial port (8250)\n"
"      --serial=PORT    which: ttyS0 (0x3f8, default), ttyS1 (0x2f8) or 0xPORT;\n"
"                       mmio,0xADDR[,BAUD] or mmio32,...: one in memory;\n"
"                       auto: the one that firmware uses (ACPI table SPCR)\n"
"      --serial-baud=N  set the speed, such as 115200; without: as it is\n"
"      --console-vga    say it on the VGA text screen\n"
"      --console-fb[=rotate:N]\n"
"                       say it on the framebuffer of UEFI or a BMC\n"
"      --no-post        write no POST codes to I/O port 0x80\n"
"      --trace=ipmi     leave a record of each outcome in the BMC's event log\n"
"\n"
"It says one line a phase, with the NMIs and machine checks it has swallowed.\n"
"A digest mismatch is always said on the serial port and the VGA text screen.\n"
"With --park-page the last lines are kept: see --park-status.\n" },
	{ "park",
"The park page: 4096 bytes below 1 MiB, kept from kernel to kernel, in which\n"
"every CPU that the next kernel does not use is halted, safe from NMIs and\n"
"machine checks whatever becomes of all other memory.\n"
"\n"
"      --park-page[=WHERE]\n"
"                       auto (default): find the page again, or choose a place\n"
"                       ADDR: a multiple of 4096 below 1 MiB\n"
"                       try: as auto, but load without parking if it cannot be\n"
"                       off: do not park\n"
"      --park-mode=MODE hlt (default): halted, takes NMIs and machine checks\n"
"                       init: waits for SIPI; a broadcast #MC resets the machine\n"
"                       clgi: AMD, only RESET wakes it; for nr_cpus=1, maxcpus=1\n"
"      --force-park-mode  allow clgi although the next kernel wants the CPUs\n"
"      --park-status    show the page and the last hand-over; --json: as JSON\n"
"\n"
"Where parking cannot work (TDX, SEV, tboot, ACPI wakeup mailbox) the load\n"
"fails and says why; with try it warns and goes on.\n" },
	{ "plan",
"Looking before loading:\n"
"\n"
"      --plan           with any load: print the command line, the segments, the\n"
"                       next kernel's memory map and a drawing of it to scale\n"
"      --json           the same for programs; addresses are \"0x...\" strings\n"
"      --svg=FILE       write the drawing to FILE too\n"
"      --capture=DIR    record what this machine is into DIR (as root); what\n"
"                       could not be recorded is listed\n"
"      --report=FILE    pack that, the plans of both slots, versions and the\n"
"                       flight record into FILE (tar.gz) to send with a bug\n"
"                       report; memory, virtual addresses and all of command\n"
"                       lines that is not known to be harmless are left out\n"
"      --root=DIR       plan for the machine recorded in DIR; needs no root\n"
"\n"
"  kexec-park --capture=/tmp/box              on the one machine\n"
"  kexec-park -p --plan --root=/tmp/box K     on any other\n"
"\n"
"What is printed is what a load submits: both come from the same plan.\n" },
	{ "status",
"Exit status:\n"
"\n"
"    0   done\n"
"    1   an option is wrong; -S: a kernel is loaded\n"
"  253   -s: the running kernel cannot load that way\n"
"  254   no memory is reserved for a crash kernel\n"
"  255   anything else: the line on stderr says what\n"
"\n"
"  --park-status: 0 the page is there and intact, 1 there is none, 2 it is\n"
"  corrupt, 255 it could not be read.\n" },
};

const char *help_text(const char *topic)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strcmp(topics[i].name, topic ? topic : "") == 0)
			return topics[i].text;
	return NULL;
}

const char *help_topic(unsigned i)
{
	return i < sizeof(topics) / sizeof(topics[0]) ? topics[i].name : NULL;
}
