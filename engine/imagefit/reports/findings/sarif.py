"""Findings as SARIF 2.1.0, which code hosts show at the line and keep track of from run to run.

The format is OASIS's Static Analysis Results Interchange Format, https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

from imagefit.escaping import line
from imagefit.reports.findings.model import Finding, Place, Report
from imagefit.reports.jsontext import json_text
from imagefit.rulepack.pack import Pack, Rule, Severity

__all__ = ["sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://pypi.org/project/imagefit/"
VERSION = sys.modules["imagefit"].__version__  # the package above all, which is there, and is not imported from
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}


MOST_RESULTS = 25_000
"""So many results are in a log: GitHub takes no more of them."""


def sarif(report: Report) -> str:
    """Return a log of one run; a finding that is not decided is of the kind ``open``."""
    rules = report.rules()
    findings = list(report.findings())
    left = [report.left_out()]
    if len(findings) > MOST_RESULTS:
        left.append(f"{MOST_RESULTS:,} of {len(findings):,} findings are shown")
    index = {rule.id: number for number, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "imagefit",
                "semanticVersion": VERSION,
                "version": VERSION,
                "informationUri": HOME,
                "rules": [_rule(rule, report.pack) for rule in rules],
                "properties": {
                    "pack": report.pack.name,
                    "packVersion": report.pack.version,
                    "packDigest": report.pack.digest,
                },
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.rule]) for finding in findings[:MOST_RESULTS]],
    }
    if said := [{"level": "warning", "message": {"text": f"{text}."}} for text in filter(None, left)]:
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": said}]
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(rule: Rule, pack: Pack) -> dict[str, Any]:
    source = pack.sources.get(rule.source.document)
    remedies = [pack.remedies[name].text for name in rule.remedies if name in pack.remedies]
    where = ", ".join(filter(None, (source.title if source else "", rule.source.section)))
    text = " ".join(filter(None, (f"{rule.title}.", rule.description.strip(), f"Source: {where}." if where else "")))
    told: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.replace(".", "-").split("-")),
        "shortDescription": {"text": line(f"{rule.title}.")},
        "fullDescription": {"text": line(text)},
        "help": {"text": line(" ".join([text, *(f"Remedy: {each}." for each in remedies)]))},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": list(dict.fromkeys(["image", rule.concern, *rule.tags]))},
    }
    if source is not None and source.address.startswith(("https://", "http://")):
        told["helpUri"] = source.address
    if rule.error_codes:
        told["properties"]["errorCodes"] = list(rule.error_codes)
    return told


def _result(finding: Finding, index: int) -> dict[str, Any]:
    verdict, result = finding.checked.verdict, finding.result
    subject = f"{verdict.key}: " if verdict.key else ""
    told: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "kind": "open" if finding.level == "unknown" else "fail",
        "level": {"unknown": "none", "waived": "warning"}.get(finding.level, finding.level),
        "message": {"text": line(f"{subject}{finding.message}.")},
        "locations": [_location(finding.checked.place, verdict.key)],
        "partialFingerprints": {"imagefit/v1": finding.fingerprint},
        "properties": {
            "verdict": verdict.verdict.value,
            "operation": verdict.operation,
            "missing": list(result.missing),
            "remedies": [line(remedy.text) for remedy in result.remedies],
        },
    }
    if finding.checked.known is not None:
        told["baselineState"] = "unchanged" if finding.is_known else "new"
    if finding.level == "waived":
        told["suppressions"] = [{"kind": "external", "justification": line(result.message)}]
    return told


def _location(place: Place, key: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if place.file and place.file != "-":
        told["physicalLocation"] = {
            "artifactLocation": {"uri": quote(place.file.replace("\\", "/"), safe="/!$&'()*+,;=:@~")},
            "region": {"startLine": place.line or 1},
        }
    name = place.address or key
    if name:
        kind = "resource" if place.address else "object"
        told["logicalLocations"] = [{"name": line(name), "fullyQualifiedName": line(name), "kind": kind}]
    return told
