"""Write `tests/slow.txt`: the tests that `make quick` leaves out, from what a run says of their durations.

``pytest --hypothesis-profile quick --durations=0 > log``, then ``python tests/slowest.py log > tests/slow.txt``. A test
stands there if its call took `LONG` seconds or more, on a machine with two cores.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LONG = 0.03
_CALL = re.compile(r"\s*(\d+\.\d+)s call\s+(tests/\S+?::.+)")


def main(log: str) -> None:
    slow = {}
    for line in Path(log).read_text("utf-8", "replace").splitlines():
        if (call := _CALL.match(line)) and float(call[1]) >= LONG:
            name = call[2]
            slow[name if name.isascii() and " " not in name else name.partition("[")[0]] = None
    print("\n".join(sorted(slow)))


if __name__ == "__main__":
    main(sys.argv[1])
