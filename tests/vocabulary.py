# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lists of abi/vocabulary.h, for tests."""

import collections
import os
import re

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../abi/vocabulary.h')

Row = collections.namedtuple('Row', 'name number word text')

ROW = re.compile(r'X\((\w+), (\d+), "([^"]*)",\s*"([^"]*)"\)')


def rows(which):
    """The rows of PARK_<which>_LIST, in their order."""
    with open(HEADER, encoding='utf-8') as header:
        text = header.read().replace('\\\n', '\n')
    body = re.search(rf'#define PARK_{which}_LIST\(X\)(.*?)\n\n', text, re.DOTALL).group(1)
    found = [Row(name, int(number), word, said) for name, number, word, said in ROW.findall(body)]
    assert found and len(found) == body.count('X('), f'{which}: a row of another form'
    return found


def numbers(which):
    """{NAME: number} of PARK_<which>_LIST."""
    return {row.name: row.number for row in rows(which)}


def constant(name):
    """The value of a #define in the same header."""
    with open(HEADER, encoding='utf-8') as header:
        return int(re.search(rf'^#define {name}\s+(\w+)$', header.read(), re.MULTILINE).group(1), 0)
