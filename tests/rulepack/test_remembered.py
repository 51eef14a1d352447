from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

from imagefit.rulepack.remembered import Remembered


def test_a_memory_has_a_bound_and_forgets_what_came_first() -> None:
    memory = Remembered[str, int](2)
    for number, name in enumerate("abc"):
        assert memory.remember(name, number) == number
    assert dict(memory) == {"b": 1, "c": 2}


def test_what_is_remembered_anew_makes_nothing_else_forgotten() -> None:
    memory = Remembered[str, int](2)
    for name in "abab":
        memory.remember(name, ord(name))
    assert dict(memory) == {"a": 97, "b": 98}


def test_a_copy_remembers_nothing() -> None:
    memory = Remembered[str, int](2)
    memory.remember("a", 1)
    for copied in (pickle.loads(pickle.dumps(memory)), copy.deepcopy(memory)):
        assert (type(copied), copied, copied.limit) == (Remembered, {}, 2)


def test_threads_share_a_memory() -> None:
    memory = Remembered[int, int](3)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: memory.remember(n, n), range(2000))) == list(range(2000))
    assert len(memory) == 3
