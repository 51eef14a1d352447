"""Every registered evaluator, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from imagefit.errors import EvaluatorError
from imagefit.evaluators import EVALUATORS, Evaluator, evaluate_with
from imagefit.rulepack.pack import Pack, Rule

Make = Callable[[Pack, Sequence[Rule]], Evaluator]


@pytest.fixture(params=EVALUATORS)
def evaluator(request: pytest.FixtureRequest) -> Make:
    """A function that makes rules of a pack ready; skips what is not installed here."""

    def make(pack: Pack, rules: Sequence[Rule]) -> Evaluator:
        try:
            return evaluate_with(request.param, pack, rules)
        except EvaluatorError as error:
            if "needs durable_rules" not in str(error) and "without a C compiler" not in str(error):
                raise
            pytest.skip(str(error))

    return make
