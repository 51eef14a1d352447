"""What a user of imagefit writes: the three verbs, with types that mypy --strict and pyright have to find.

`run.py` runs it, and the type checkers, where nothing but the built wheel is installed.
"""

from typing import assert_type

import imagefit

verdict = imagefit.check(
    {"image.visibility": "private", "image.boot_mode": "uefi", "ecs.accelerator": "npu"}, operation="create_ecs"
)
assert_type(verdict, imagefit.Verdict)
assert_type(verdict.verdict, imagefit.VerdictKind)
failed: list[str] = [finding.rule for finding in verdict.failed]

rows = [{"id": "a", "image.status": "active"}, {"id": "b", "image.status": "queued"}]
audit = imagefit.audit(rows, operation="delete", select=["status"])
assert_type(audit, imagefit.Audit)
assert_type(audit.explain(1), imagefit.Verdict)
incompatible: int = audit.summary().verdicts["incompatible"]

match = imagefit.match(
    [{"id": "arm", "image.architecture": "arm64"}, {"id": "intel", "image.architecture": "x86_64"}],
    [{"id": "small", "ecs.architecture": "x86_64"}],
    operation="create_ecs",
    select=["arch.matches"],
)
assert_type(match, imagefit.Match)
assert_type(match.counts(), dict[imagefit.VerdictKind, int])

pack: imagefit.Pack = imagefit.load_pack("open-telekom-cloud")

print(failed, incompatible, match.counts()[imagefit.VerdictKind.COMPATIBLE], pack.name, len(audit.to_pandas()))
