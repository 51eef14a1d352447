"""Hypothesis profiles, and the packs that tests share.

The profile `ci` (the default) is small and the same on every run, `quick` touches each property a few times only,
`thorough` is `ci` with many more (`make test-long`), and `long` searches: ``pytest --hypothesis-profile long``.
"""

from __future__ import annotations

import gc
import os
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from imagefit.api.packs import BUILT_IN, load_pack
from imagefit.evaluators import EVALUATORS
from imagefit.rulepack.pack import Pack
from imagefit.rulepack.starter import lay_out
from packfiles import shipped_pack

_CACHE = tempfile.TemporaryDirectory(prefix="imagefit-cache-")  # goes when the process goes
os.environ["XDG_CACHE_HOME"] = _CACHE.name

settings.register_profile(
    "ci", max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=6)
settings.register_profile("thorough", settings.get_profile("ci"), max_examples=200)
settings.register_profile("long", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


SLOW = Path(__file__).with_name("slow.txt")
"""The tests that take longest, beside those that are marked; `slowest.py` writes it."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `slow.txt`, so that `make quick` leaves them out."""
    slow = set(SLOW.read_text().split())
    for item in items:
        if item.nodeid in slow or item.nodeid.partition("[")[0] in slow:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Let no collection of garbage look at the thousands of tests and all modules again: a twentieth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def built_in() -> Pack:
    """The pack that ships with imagefit."""
    return shipped_pack(BUILT_IN)


@pytest.fixture(scope="session", params=EVALUATORS)
def any_evaluator(request: pytest.FixtureRequest, built_in: Pack) -> str:
    """The name of each evaluator in turn, for what holds in all of them."""
    name: str = request.param
    if name not in _installed(built_in):
        pytest.skip(f"{name} is not installed")
    return name


@cache
def _installed(pack: Pack) -> list[str]:
    from imagefit.analysis.verify.verification import installed

    return installed(pack)[0]


@pytest.fixture(scope="session")
def lamps_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of another domain, in a folder: what ``imagefit rules new`` lays out. Tests must not change it."""
    folder = tmp_path_factory.mktemp("packs") / "lamps"
    lay_out(folder)
    return folder


@pytest.fixture(scope="session")
def lamps(lamps_folder: Path) -> Pack:
    """The pack of another domain, loaded."""
    return load_pack(lamps_folder)
