"""Work on several cores comes back in order, a little ahead of who asks for it."""

from __future__ import annotations

import time

import pytest

from imagefit.cores import core_count, in_order


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_blocks(threads: int) -> None:
    def work(number: int) -> int:
        time.sleep(0.001 * (number % 3))  # so that later blocks are done before earlier ones
        return number * number

    assert list(in_order(work, range(20), threads)) == [number * number for number in range(20)]


@pytest.mark.parametrize("threads", [1, 3])
def test_no_more_blocks_are_taken_than_threads_can_work_on(threads: int) -> None:
    taken: list[int] = []

    def blocks():
        for number in range(100):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, blocks(), threads)
    assert next(results) == 0
    assert len(taken) <= threads + 1
    results.close()
    assert len(taken) <= threads + 1


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_of_a_block_is_raised_where_its_result_would_come(threads: int) -> None:
    results = in_order(lambda number: 1 // number, [1, 0, 1], threads)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_there_are_as_many_threads_as_cores_but_no_more_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert (core_count(), core_count(8)) == (64, 8)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert core_count(8) == 1
