"""Work on all cores: blocks of it, a few at a time, with the results in the order of the blocks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["core_count", "in_order"]

B = TypeVar("B")
R = TypeVar("R")


def core_count(most: int | None = None) -> int:
    """Return how many threads there is work for: as many as cores, or `most`."""
    cores = os.cpu_count() or 1
    return cores if most is None else min(cores, most)


def in_order(work: Callable[[B], R], blocks: Iterable[B], threads: int) -> Iterator[R]:
    """Yield what `work` makes of each block, in order; blocks are taken only a little ahead of what was yielded.

    One thread works without a thread of its own. What is under way when nobody asks for more is waited for,
    what is not is given up.
    """
    if threads == 1:
        yield from map(work, blocks)
        return
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
