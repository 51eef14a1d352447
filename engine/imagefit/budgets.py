"""Budgets: how many steps a search may take before it is given up, and what was not examined is said.

Steps are counted, mostly as comparisons, and time never is: what is found depends on the question alone, not on what
else the machine does. A budget bounds searches; outcomes and verdicts have none.
"""

from __future__ import annotations

__all__ = ["COMMAND", "PLANS", "SHARE", "VERDICT", "Budget", "BudgetEnded"]

VERDICT = 30_000
"""What the missing facts of a verdict may cost, and half as much those of its rules: a third of 50 ms, mostly less."""

COMMAND = 25_000_000
"""What `rules lint`, or `rules test` beyond the examples, may cost unless `--budget` says otherwise: some 20 s."""


PLANS = 20_000
"""What the plans of one candidate may cost, in steps that are done: of more there may be other plans than are shown."""

SHARE = 10
"""A question of a command gets this part of what is left, so that no question takes all."""


class BudgetEnded(Exception):
    """A search has taken all steps that it may."""


class Budget:
    """Steps that may still be taken; without a number, any number.

    Parameters
    ----------
    steps
        How many.
    whole
        What this is a part of: steps are taken from that, too.
    """

    __slots__ = ("left", "whole")

    def __init__(self, steps: int | None = None, whole: Budget | None = None) -> None:
        self.left = float("inf") if steps is None else steps
        self.whole = whole

    def allows(self, steps: int = 1) -> bool:
        """Whether so many more may be taken; counts them as taken."""
        self.left -= steps
        return (self.whole is None or self.whole.allows(steps)) and self.left >= 0

    def spend(self, steps: int) -> None:
        """Take so many steps; raises `BudgetEnded` if they are not there."""
        if not self.allows(steps):
            raise BudgetEnded

    def part(self, share: int) -> Budget:
        """Return a part of what is left, one of so many: what it does not take stays here."""
        return Budget(None if self.left == float("inf") else max(0, int(self.left) // share), self)

    def apart(self, share: int) -> Budget:
        """Take a part of what is left out, one of so many, and return it: for what is asked later, or never."""
        if self.left == float("inf"):
            return Budget()
        taken = max(0, int(self.left) // share)
        self.left -= taken
        return Budget(taken)

    @property
    def has_ended(self) -> bool:
        """Whether no step is left."""
        return self.left <= 0
