"""Run a command and print what it cost as JSON: CPU seconds, wall seconds and peak memory.

A small process of its own, because a process that is started from a large one is charged with the large one's memory.
"""

import json
import os
import resource
import sys
import time

started = time.perf_counter()
silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[silent])
_, status = os.waitpid(child, 0)
wall = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cost = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak_mb": used.ru_maxrss * 1024 / 1e6}
print(json.dumps({"code": os.waitstatus_to_exitcode(status), **cost}))
