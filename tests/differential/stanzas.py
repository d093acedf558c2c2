# SPDX-License-Identifier: LGPL-2.1-or-later
"""Read a file of stanzas: "key: value" lines, a value goes on in indented lines, "#" comments."""


def read(text):
    """For each stanza a dict, and the number of its first line."""
    stanza, last, start = {}, None, 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza:
                yield stanza, start
            stanza, last = {}, None
        elif line[0].isspace() and last:
            stanza[last] += " " + line.strip()
        else:
            start = start if stanza else number
            last, _, value = line.partition(":")
            stanza[last] = value.strip()


def demand(stanza, keys, line):
    """ValueError, unless the stanza has these keys in this order, and none is empty."""
    if tuple(stanza) != tuple(keys) or not all(stanza.values()):
        raise ValueError(f"line {line}: a stanza has {', '.join(keys)}, none empty")
