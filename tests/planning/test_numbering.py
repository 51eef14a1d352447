"""Numbers for what is looked at again and again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from imagefit.planning.numbering import Numbered

NAMES = [f"name {number}" for number in range(20)]


class Slow(str):
    """A text that others are looked up during the look-up of."""

    __slots__ = ()

    def __hash__(self) -> int:
        sleep(1e-3)
        return super().__hash__()


def test_what_is_equal_has_one_number_after_those_of_the_first() -> None:
    numbered = Numbered("first")
    assert [numbered.of(name, name.upper()) for name in "aba"] == [1, 2, 1]
    assert numbered.made == ["first", "A", "B"]


def test_what_several_threads_ask_for_at_once_has_numbers_of_its_own() -> None:
    numbered = Numbered[str]()
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda name: numbered.of(Slow(name), name), NAMES * 2))
    assert numbers[: len(NAMES)] == numbers[len(NAMES) :]
    assert sorted(numbers[: len(NAMES)]) == list(range(len(NAMES)))
    assert [numbered.made[number] for number in numbers] == NAMES * 2
