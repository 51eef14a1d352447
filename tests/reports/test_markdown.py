from __future__ import annotations

from imagefit.reports.markdown import pack_markdown
from imagefit.rulepack.pack import Pack


def test_the_reference_has_every_word_of_the_pack(built_in: Pack) -> None:
    text = pack_markdown(built_in)
    words = (built_in.operations, built_in.fields, built_in.conditions, built_in.remedies, built_in.sources)
    for names in (*words, built_in.calls, built_in.assumptions):
        assert all(name in text for name in names)
    assert all(call.api in text for call in built_in.calls.values())
    assert "ecs.required_image_attributes = []" in text
    assert all(f"#### {rule.id}\n" in text for rule in built_in.rules)


def test_a_rule_of_the_reference_reads_like_the_rule(lamps: Pack) -> None:
    text = pack_markdown(lamps)
    part = text[text.index("#### fitting.power") : text.index("#### fitting.works")]
    assert part.rstrip().split("\n") == [
        "#### fitting.power",
        "",
        "A socket bears only so much power.",
        "",
        "- **error** for `screw_in`",
        "- requires",
        "  - lamp.power_w is at most socket.max_power_w",
        "- message: the lamp draws {lamp.power_w} W, and the socket bears {socket.max_power_w} W",
        "- remedies: [take-weaker-lamp](#take-weaker-lamp)",
        "- tags: `power`",
        "- source: [What is printed on the lamp's box, Power (read on 2026-01-31)](https://example.com/lamps/box)",
        "- basis: documented",
        "",
        "| outcome | example |",
        "|---|---|",
        "| fail | `lamp.power_w = 100, socket.max_power_w = 60` |",
        "| pass | `lamp.power_w = 8.5, socket.max_power_w = 60` |",
        "| unknown | `socket.max_power_w = 60` |",
    ]
