"""Work on all cores: blocks of it, a few at a time, with the results in the order of the blocks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["close", "core_count", "in_order"]

B = TypeVar("B")
R = TypeVar("R")


def core_count(most: int | None = None) -> int:
    """Return how many threads there is work for: as many as cores, or `most`."""
    cores = os.cpu_count() or 1
    return cores if most is None else min(cores, most)


def in_order(work: Callable[[B], R], blocks: Iterable[B], threads: int) -> Iterator[R]:
    """Yield what `work` makes of each block, in order; blocks are taken only a little ahead of what was yielded.

    One thread works without a thread of its own. What is under way when nobody asks for more is waited for,
    what is not is given up, and a generator of blocks is closed: an error in a block would else keep the files
    open from which they are read, for it is held by what waits, and holds it.
    """
    remaining = iter(blocks)
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    try:
        for block in remaining:
            if pool is None:
                yield work(block)
                continue
            waiting.append(pool.submit(work, block))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)
        waiting.clear()
        close(remaining)


def close(items: Iterator[object]) -> None:
    """Close what is a generator, and with it the file that it reads; of another iterator there is nothing to close."""
    if isinstance(items, Generator):
        items.close()
