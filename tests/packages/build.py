# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages of Debian and RPM, built from the tarball that `make dist` makes."""

import glob
import os
import re
import shutil
import subprocess
import tarfile

OLDER = "0.0.9"         # in the place of the version, in packages to upgrade from
TOOLS = {"dpkg-buildpackage": "dpkg-dev", "dh": "debhelper", "g++": "build-essential"}
RPM_TOOLS = {"rpmbuild": "rpm", "rpmspec": "rpm", "rpmlint": "rpmlint"}
SECONDS = 1200
# What a distribution of RPMs defines and Debian's rpm does not.
RPM_MACROS = {"_unitdir": "/usr/lib/systemd/system", "_udevrulesdir": "/usr/lib/udev/rules.d",
              "systemd_post()": ":", "systemd_preun()": ":", "systemd_postun()": ":",
              "debug_package": "%{nil}"}


class Failed(Exception):
    pass


def lacking(tools):
    return sorted({package for tool, package in tools.items() if not shutil.which(tool)})


def run(command, log, **how):
    """Into the log; Failed, naming it, if the command fails."""
    with open(log, "a", encoding="utf-8") as out:
        out.write(f"+ {' '.join(command)}\n")
        out.flush()
        # Not the make that may have started this.
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
        env["DEB_BUILD_OPTIONS"] = "noautodbgsym"
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                              timeout=SECONDS, check=False, env=env, **how)
    if done.returncode:
        raise Failed(f"{command[0]} ended with status {done.returncode}: see {log}")


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def tarball(build_dir, folder, log):
    """-> path of the tarball, in @folder"""
    run(["make", "-C", build_dir, "dist"], log)
    made, = glob.glob(os.path.join(build_dir, "kexec-park-*.tar.xz"))
    return shutil.move(made, os.path.join(folder, os.path.basename(made)))


def debs(source, folder, log):
    """The .deb files and the .changes of the tarball, into @folder."""
    run(["tar", "-xf", source, "-C", folder], log)
    tree = os.path.join(folder, os.path.basename(source).removesuffix(".tar.xz"))
    run(["dpkg-buildpackage", "-us", "-uc"], log, cwd=tree)
    shutil.rmtree(tree)
    return folder


def older(deb, folder, log):
    """The same package as if of an earlier version, whose configuration file was another."""
    tree = fresh(os.path.join(folder, "tree"))
    run(["dpkg-deb", "-R", deb, tree], log)
    control = os.path.join(tree, "DEBIAN/control")
    with open(control, encoding="utf-8") as f:
        text = f.read()
    version = re.search(r"^Version: (\S+)$", text, re.M)[1]
    with open(control, "w", encoding="utf-8") as f:
        f.write(text.replace(version, OLDER))
    conf = os.path.join(tree, "etc/kexec-park.conf")
    if os.path.exists(conf):
        with open(conf, "a", encoding="utf-8") as f:
            f.write(f"# As of {OLDER}.\n")
    run(["dpkg-deb", "--root-owner-group", "-b", tree, folder], log)
    shutil.rmtree(tree)


def rpms(source, folder, log):
    """The .rpm files, from the same tarball."""
    sources = fresh(os.path.join(folder, "SOURCES"))
    shutil.copy(source, sources)
    with tarfile.open(source) as archive:
        name = os.path.basename(source).removesuffix(".tar.xz") + "/rpm/kexec-park.spec"
        spec = os.path.join(folder, "kexec-park.spec")
        with archive.extractfile(name) as text, open(spec, "wb") as out:
            out.write(text.read())
    defines = [word for name, value in RPM_MACROS.items()
               for word in ("--define", f"{name} {value}")]
    run(["rpmbuild", "-bb", "--nodeps", "--define", f"_topdir {folder}", *defines, spec], log)
    return sorted(glob.glob(os.path.join(folder, "RPMS/*/*.rpm")))
