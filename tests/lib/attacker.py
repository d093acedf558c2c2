# SPDX-License-Identifier: LGPL-2.1-or-later
"""An unprivileged user, beside a program that runs as root."""

import multiprocessing
import os

USER = 65534
NOBODY_THERE = "not root: there is nobody to be attacked"


class Attacker:
    """Calls act() again and again with another user's rights, until the with-block ends."""

    def __init__(self, act):
        self.stop = multiprocessing.Event()
        self.child = multiprocessing.Process(target=self.play, args=(act,), daemon=True)

    def play(self, act):
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)
        while not self.stop.is_set():
            try:
                act()
            except OSError:
                pass

    def __enter__(self):
        self.child.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.child.join()
