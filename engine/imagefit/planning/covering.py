"""Which actions can still mend what is wrong with candidates: a few of them have to touch all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement

__all__ = ["Bits", "Missed", "Wrong", "covering", "ones", "union", "without"]

Bits = int
"""A set of candidates: bit n is candidate n."""

TOGETHER = 8
SOME = (1 << TOGETHER) - 1

Wrong = list[tuple[int, Bits]]
"""What is wrong: the actions, as bits, of which one has to be among those that are still to come, and where it is."""


def covering(wrong: Wrong, candidates: Bits, steps: int) -> Iterator[tuple[Sequence[int], Bits]]:
    """Yield actions of which one must come, where so many steps can touch all that is wrong, with the candidates.

    Parameters
    ----------
    wrong
        What is wrong; that of which the fewest actions touch decides which are tried.
    """
    wrong = sorted(wrong, key=_touched_by)
    touchers = tuple([each for each, _ in wrong])
    if steps == 1:  # whatever is wrong is touched
        needed = -1
        for touching, bits in wrong:
            if bits == candidates:  # with all of them
                needed &= touching
        for missed, actions, kind in _last(touchers) if needed else ():
            if kind & needed and (rest := without(candidates, [wrong[place][1] for place in missed])):
                yield actions, rest
        return
    kinds, together = _ways(touchers, steps)
    every = (1 << len(wrong)) - 1
    missing = Missed([bits for _, bits in wrong])
    left, first = candidates, list[tuple[int, Bits]]()
    for place, (_, bits) in enumerate(wrong):
        if here := left & bits:
            first.append((1 << place, here))
            left ^= here
    for touched, actions in kinds:
        own = [here for place, here in first if touched & place]
        if not own:
            continue
        some, rest = union(own), 0
        for others in together:
            rest |= some & ~missing.of(every & ~(touched | others))
            if rest == some:
                break
        for here in own:
            if found := rest & here:
                yield actions, found


def _touched_by(wrong: tuple[int, Bits]) -> int:
    return wrong[0].bit_count()


@lru_cache(1 << 14)
def _last(touchers: tuple[int, ...]) -> Sequence[tuple[Sequence[int], Sequence[int], int]]:
    """Return the kinds of actions by what they don't touch of some things; the actions as bits, too."""
    kinds, _ = _ways(touchers, 1)
    places = range(len(touchers))
    return tuple(
        [
            (tuple([place for place in places if not touched >> place & 1]), own, union(1 << action for action in own))
            for touched, own in kinds
        ]
    )


@lru_cache(1 << 14)
def _ways(touchers: tuple[int, ...], steps: int) -> tuple[Sequence[tuple[int, Sequence[int]]], Sequence[int]]:
    """Return the kinds of actions by what they touch of some things, and what so many steps but one can touch."""
    kinds: dict[int, list[int]] = {}
    for action in ones(union(touchers)):
        touched = sum(1 << place for place, each in enumerate(touchers) if each >> action & 1)
        kinds.setdefault(touched, []).append(action)
    together = _most({union(some) for some in combinations_with_replacement(kinds, steps - 1)})
    return tuple([(touched, tuple(own)) for touched, own in kinds.items()]), together


class Missed:
    """Where something of a few things is wrong, each worked out once."""

    def __init__(self, wrong: Sequence[Bits]) -> None:
        self._parts = [(at, wrong[at : at + TOGETHER], {0: 0}) for at in range(0, len(wrong), TOGETHER)]
        self._known: dict[int, Bits] = {}

    def of(self, which: int) -> Bits:
        """Return where one of these is wrong."""
        if (found := self._known.get(which)) is None:
            found = self._known[which] = self._of(which)
        return found

    def _of(self, which: int) -> Bits:
        found = 0
        for at, wrong, known in self._parts:
            own = which >> at & SOME
            if own not in known:
                known[own] = union([each for place, each in enumerate(wrong) if own >> place & 1])
            found |= known[own]
        return found


def _most(sets: set[int]) -> list[int]:
    """Return the sets that are no part of another one."""
    found: list[int] = []
    for each in sorted(sets, key=int.bit_count, reverse=True):
        if not any(each | other == other for other in found):
            found.append(each)
    return found


def union(sets: Iterable[int]) -> int:
    """Return what is in one of the sets."""
    found = 0
    for each in sets:
        found |= each
    return found


def ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def without(candidates: Bits, wrong: Iterable[Bits]) -> Bits:
    """Return the candidates on which nothing is wrong."""
    for bits in wrong:
        if not candidates:
            return 0
        candidates ^= candidates & bits
    return candidates
