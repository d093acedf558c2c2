# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by check and demo: install what is missing, build out of tree.
#
# KEXEC_PARK_DEBS may name a folder of .deb files, for machines whose archive lacks some.
# KEXEC_PARK_BUILD names the build folder (default: build, in the source tree).

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${KEXEC_PARK_BUILD:-$top/build}

packages_to_build=(gcc make autoconf automake libtool pkg-config libc6-dev linux-libc-dev
	libelf-dev zlib1g-dev liblzma-dev libzstd-dev libjansson-dev libcmocka-dev)
packages_to_run=(python3 qemu-system-x86 ovmf busybox-static kexec-tools makedumpfile spin zstd
	openssl valgrind mmdebstrap debian-archive-keyring gpgv)
# Added to the above by who runs that: check.
# shellcheck disable=SC2034
packages_of_packages=(build-essential debhelper dpkg-dev e2fsprogs lintian rpm rpmlint systemd udev)
# shellcheck disable=SC2034
packages_of_analysis=(clang-tidy cppcheck shellcheck)
# shellcheck disable=SC2034
packages_of_soak=(bochs bochsbios vgabios clang mandoc)

# libFuzzer and the sanitizers' runtime, of the version that "clang" stands for.
clang_runtime() {
	apt-cache show clang 2>/dev/null |
		sed -n 's/^Depends:.*\bclang-\([0-9]*\).*/libclang-rt-\1-dev/p' | head -n 1
}

step() {
	printf '\n== %s\n' "$*"
}

is_installed() {
	[[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

has_kernel() {
	local kernel
	for kernel in /boot/vmlinuz-*; do
		[[ -r $kernel && -e /lib/modules/${kernel#/boot/vmlinuz-}/modules.dep ]] && return 0
	done
	return 1
}

missing_packages() {
	local package
	for package in "${packages_to_build[@]}" "${packages_to_run[@]}"; do
		is_installed "$package" || echo "$package"
	done
	if [[ -z ${KEXEC_PARK_TEST_KERNEL:-} ]] && ! has_kernel; then
		if grep -q '^ID=ubuntu' /etc/os-release; then
			echo linux-image-generic
		else
			echo linux-image-amd64
		fi
	fi
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" \
		>>"$build/apt.log" 2>&1
}

# All at once; else from the folder of .deb files; else one by one, so that one package that the
# archive lacks does not keep the others away. Says what could not be got, and goes on: the build
# stops if it needs it, and the tests that need it say so.
install_missing() {
	local -a missing lacking=() debs=()
	local package
	mkdir -p "$build"
	: >"$build/apt.log"
	mapfile -t missing < <(missing_packages)
	if ((${#missing[@]} == 0)); then
		echo "nothing to install"
		return
	fi
	if ((EUID != 0)); then
		echo "missing, and only root can install: ${missing[*]}"
		return
	fi
	echo "installing ${missing[*]}"
	apt-get update -q >>"$build/apt.log" 2>&1 || echo "apt-get update failed, see $build/apt.log"
	if ! apt_install "${missing[@]}"; then
		if [[ -n ${KEXEC_PARK_DEBS:-} ]]; then
			debs=("$(cd "$KEXEC_PARK_DEBS" && pwd)"/*.deb)
			echo "also trying the ${#debs[@]} packages in $KEXEC_PARK_DEBS"
			apt_install "${debs[@]}" || true
		fi
		for package in "${missing[@]}"; do
			is_installed "$package" || apt_install "$package" || true
		done
	fi
	mapfile -t lacking < <(missing_packages)
	if ((${#lacking[@]} > 0)); then
		echo "could not be installed (see $build/apt.log): ${lacking[*]}"
	fi
}

# first_errors LOG: what the compiler, the linker and make said first. Where make goes on after an
# error (-k) or runs several jobs, the end of the log is about something else.
first_errors() {
	local said=': (fatal )?error: |: Error: |undefined reference to|multiple definition of'
	said+='|cannot find -l|No rule to make target|\*\*\* .* Error [0-9]+$|^check-blob: '
	grep -nE "$said" "$1" | head -n 20 || true
}

# build_tree CONFIGURE-OPTION...: quiet when it goes well; the errors and the end of the log when not.
build_tree() {
	local log=$build/build.log
	mkdir -p "$build"
	if ! {
		{ [[ -x $top/configure ]] || (cd "$top" && ./autogen.sh); } &&
			cd "$build" && "$top/configure" "$@" && make -j"$(nproc)" all
	} >"$log" 2>&1; then
		first_errors "$log"
		tail -n 10 "$log"
		echo "the build failed: see $log"
		return 1
	fi
	echo "built in $build"
}
