# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write a newc cpio archive (Linux Documentation/driver-api/early-userspace/buffer-format.rst).

Device nodes and root ownership are only numbers in the archive, so no privilege is needed.
"""

import os
import stat


class Archive:
    def __init__(self, out):
        self._out = out
        self._inode = 0
        self._made = set()

    def directory(self, path):
        """Add a directory and the ones above it, each once."""
        parent = os.path.dirname(path)
        if parent:
            self.directory(parent)
        if path not in self._made:
            self._made.add(path)
            self._entry(path, stat.S_IFDIR | 0o755)

    def file(self, path, data, executable=False):
        self.directory(os.path.dirname(path))
        self._entry(path, stat.S_IFREG | (0o755 if executable else 0o644), data)

    def link(self, path, target):
        self.directory(os.path.dirname(path))
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def char_device(self, path, major, minor):
        self.directory(os.path.dirname(path))
        self._entry(path, stat.S_IFCHR | 0o600, device=(major, minor))

    def end(self):
        self._entry("TRAILER!!!", 0)

    def _entry(self, path, mode, data=b"", device=(0, 0)):
        if not path:
            return
        self._inode += 1
        name = path.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
        self._padded(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        self._padded(data)

    def _padded(self, data):
        self._out.write(data + b"\0" * (-len(data) % 4))
