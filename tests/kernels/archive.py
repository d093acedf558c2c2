# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Debian archive as data: its signed lists, and packages that these vouch for. Nothing is
installed, and apt is not asked.

The chain: the archive's keyring signs InRelease, InRelease has the digest of a suite's list, the
list has the digest of each package. Dates are not held against a suite: an old kernel is a kernel
too.
"""

import glob
import hashlib
import lzma
import os
import re
import subprocess
import tempfile
import urllib.request
from functools import cmp_to_key

from debian import KEYRING, MIRROR
from kit import Missing

LIST = "main/binary-amd64/Packages.xz"
SECONDS = 30            # without a byte from the archive


class Untrusted(Exception):
    """What came is not what the archive's keyring vouches for."""


def fetch(path):
    url = f"{MIRROR}/{path}"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return answer.read()
    except OSError as why:
        raise Missing(f"{url}: {why}") from None


def checked(data, sha256, what):
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise Untrusted(f"{what}: its SHA-256 is {found}, the archive says {sha256}")
    return data


def signed_text(data, what, keyring=KEYRING):
    """What is signed of a clear-signed file. A release has several signatures, and an older keyring
    lacks the keys of some: one good one is enough, a bad one is one too many."""
    if not os.path.exists(keyring):
        raise Missing(f"no {keyring} (install debian-archive-keyring)")
    with tempfile.NamedTemporaryFile() as signed:
        signed.write(data)
        signed.flush()
        try:
            done = subprocess.run(["gpgv", "--status-fd", "2", "--keyring", keyring, "--output", "-",
                                   signed.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, check=False)
        except FileNotFoundError:
            raise Missing("gpgv is not installed") from None
    said = re.findall(r"^\[GNUPG:\] (\w+)", done.stderr.decode(errors="replace"), re.MULTILINE)
    if "GOODSIG" not in said or "BADSIG" in said:
        raise Untrusted(f"{what}: no good signature by a key of {keyring}")
    return done.stdout.decode()


def digest_in(release, path, what):
    """The SHA-256 that a release has of one of its files (deb-src, "Release", SHA256)."""
    _, _, digests = release.partition("\nSHA256:\n")
    found = re.search(rf"^ ([0-9a-f]{{64}}) +\d+ {re.escape(path)}$", digests, re.MULTILINE)
    if not found:
        raise Untrusted(f"{what} has no SHA-256 of {path}")
    return found.group(1)


def packages_of(text, prefix):
    """A dict of fields for each package of a list whose name starts so; of continued fields the
    first line. A list has tens of thousands of others, and "Package" comes first."""
    for stanza in text.split("\n\n"):
        if stanza.startswith(f"Package: {prefix}"):
            yield dict(re.findall(r"^([A-Za-z0-9-]+): *(.*)$", stanza, re.MULTILINE))


def suite(name, prefix, cache):
    """The packages of a suite whose names start so. Its list is kept in the cache, by its digest."""
    what = f"dists/{name}/InRelease"
    sha256 = digest_in(signed_text(fetch(what), what), LIST, what)
    kept = os.path.join(cache, f"list-{name}-{sha256}")
    if not os.path.exists(kept):
        path = f"dists/{name}/{LIST}"
        data = checked(fetch(path), sha256, path)
        for old in glob.glob(os.path.join(glob.escape(cache), f"list-{name}-*")):
            os.unlink(old)
        with open(kept + ".new", "wb") as out:
            out.write(data)
        os.replace(kept + ".new", kept)
    with open(kept, "rb") as data:
        text = lzma.decompress(checked(data.read(), sha256, kept)).decode()
    return list(packages_of(text, prefix))


def newest(packages):
    """Of several packages the one of the highest version, as dpkg counts."""
    def compare(one, other):
        newer = subprocess.run(["dpkg", "--compare-versions", one["Version"], "gt",
                                other["Version"]], check=False).returncode == 0
        return 1 if newer else -1
    return max(packages, key=cmp_to_key(compare))


def unpack(package, tree):
    """The files of a package into a folder."""
    with tempfile.NamedTemporaryFile(suffix=".deb") as deb:
        deb.write(checked(fetch(package["Filename"]), package["SHA256"], package["Filename"]))
        deb.flush()
        subprocess.run(["dpkg-deb", "-x", deb.name, tree], check=True)
