"""``imagefit check``: pre-flight of one candidate, or of a few, each with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.baseline import baseline_of, baseline_options, tell_baseline
from imagefit.cli.exits import exit_code
from imagefit.cli.findings import report_of
from imagefit.cli.helping import command
from imagefit.cli.inputs import concerns_ecs, lists, places
from imagefit.cli.log import log_options, log_verdicts
from imagefit.cli.notes import accounts, refuse_near_misses, tell_notes
from imagefit.cli.operations import is_fallback, known_operation
from imagefit.cli.options import (
    common_options,
    evaluator_option,
    operations_option,
    parse_assumptions,
    parse_facts,
    split_names,
)
from imagefit.cli.output import format_option, kind_of, opened, output_option
from imagefit.cli.own import own_options, own_tables
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ
from imagefit.cli.single import option
from imagefit.cli.waivers import NOTICED, Met, tell_unused
from imagefit.values import replace

if TYPE_CHECKING:
    from imagefit.reports.findings.model import Report
    from imagefit.rulepack.pack import Pack
    from imagefit.sources.pairing import Candidate
    from imagefit.sources.subjects import Reader, Subject
    from imagefit.verdicts import Verdict
    from imagefit.verdicts.baseline import Compared

__all__ = ["check", "code_of", "show"]

PLANS = "How many plans to show: remedies that were tried, one after the other, and make it fit (0: none)."


@command(epilog="Example: imagefit check --image images.json#web-22 --flavor c7n.large.2 --operation create_ecs")
@click.argument("files", metavar="[FILE]...", type=READ, nargs=-1)
@option(
    "--image", "images", metavar="FILE[#ID]", type=READ, multiple=True, help="Images, or one of them by id or name."
)
@option(
    "--ecs", "ecss", metavar="FILE[#ID]", type=READ, multiple=True, help="ECSs: flavors, servers, a request, facts."
)
@option("--flavor", "flavors", metavar="ID", multiple=True, help="A flavor known by its id alone.")
@operations_option
@common_options
@baseline_options
@log_options
@option(
    "--az",
    "zone",
    metavar="ZONE",
    help="The availability zone that a flavor has to be on sale in. A request names its own.",
)
@option("--from", "input_format", metavar="FORMAT", help="The format, such as ims or flavors; detected by default.")
@own_options
@evaluator_option
@format_option
@output_option
@option("--all-rules", is_flag=True, help="Show every rule of the operation, not only what counts.")
@option("--explain", is_flag=True, help="Show whole conditions with every truth, and where facts came from.")
@option("--plans", "most_plans", metavar="N", type=click.IntRange(min=0), default=3, show_default=True, help=PLANS)
@option("-v", "--verbose", is_flag=True, help="Show what the files say that is not used.")
@click.pass_context
def check(
    ctx: click.Context,
    files: Sequence[str],
    images: Sequence[str],
    ecss: Sequence[str],
    flavors: Sequence[str],
    operations: Sequence[str],
    given: Sequence[str],
    assumed: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    no_assume: bool,
    is_strict: bool,
    fail_on: str,
    zone: str | None,
    input_format: str | None,
    evaluator: str,
    output_format: str | None,
    output: str | None,
    all_rules: bool,
    explain: bool,
    most_plans: int,
    verbose: bool,
) -> None:
    """Check whether an image fits an ECS, before the cloud is asked.

    FILEs are image lists, flavors, servers, requests, Terraform plans or facts files; the content tells which, unless
    --image or --ecs says it. What nobody says is unknown. Several images and ECSs are checked each with each, for
    each operation; a request or a planned change with what it names.
    """
    from imagefit.api.check import check as evaluate
    from imagefit.api.defaults import defaults_for
    from imagefit.api.known import Existing, choosing
    from imagefit.readers.queried import region_of_ecss, region_of_images, zone_of_ecss
    from imagefit.sources.pairing import candidates_of
    from imagefit.sources.sides import is_planned, sides_of
    from imagefit.sources.subjects import Reader
    from imagefit.supply import Supply

    kind = kind_of(output_format, output)
    pack = load_pack_of(ctx)
    select, ignore = split_names(select), split_names(ignore)
    compared = baseline_of(ctx, pack, select, ignore)
    stated, otherwise = ((), operations) if is_fallback(ctx, "operations") else (operations, ())
    facts = parse_facts(given, pack)
    assumptions = parse_assumptions(assumed, pack)
    reader = Reader(pack.fields, input_format, zone_of_ecss(zone, facts), own=own_tables(ctx, pack))
    reader.defaults = defaults_for(pack, facts, assumptions, no_assume=no_assume)
    of_images, of_ecss = sides_of(reader, places(ctx, files))
    of_images = [*places(ctx, images), *of_images] or [*lists(ctx, "images")]
    of_ecss, listed = [*places(ctx, ecss), *of_ecss], lists(ctx, "ecss")
    if not of_ecss and not flavors and concerns_ecs(pack, operations or (None,)):
        of_ecss = [*listed]
    image_subjects = reader.images(of_images, region_of_images(facts))
    ecs_subjects = reader.ecss(of_ecss, flavors, region_of_ecss(facts), beside=listed)
    refuse_near_misses(reader.files, is_strict=is_strict)
    candidates = candidates_of(image_subjects, ecs_subjects, facts)
    if is_planned(reader.files) and not any(subject.record.stands_alone for subject in ecs_subjects):
        candidates = []
    subjects = [subject for c in candidates for subject in (c.image, c.ecs) if subject is not None]
    tell_about(reader, subjects, verbose, overruled(candidates, stated))
    asked = [
        (candidate, known_operation(operation, candidate.operation or next(iter(otherwise), None), pack))
        for candidate in candidates
        for operation in dict.fromkeys(stated) or (None,)
    ]
    existing = Existing(pack, reader, facts, Supply(assumptions=assumptions))

    def judged(candidate: Candidate, operation: str) -> Verdict:
        verdict = evaluate(
            candidate.facts,
            operation=operation,
            pack=pack,
            select=select,
            ignore=ignore,
            assume=assumptions,
            evaluator=evaluator,
            key=candidate.key,
            origins=candidate.origins,
            all_rules=all_rules,
        )
        verdict = replace(verdict, notes=candidate.notes(operation, pack))
        return with_ways_in(choosing(verdict, existing.beside(candidate)), candidate)

    verdicts = [judged(*each) for each in asked]
    log_verdicts(ctx, pack, verdicts, evaluator, select=select, ignore=ignore)
    checked = list(zip(verdicts, (candidate for candidate, _ in asked), strict=True))
    known = compare(compared, checked)
    show(report_of(checked, pack, fail_on, kind, explain=explain, plans=most_plans, known=known), kind, output)
    tell_unused_of(ctx, verdicts, pack, select, ignore)
    if compared is not None:
        tell_baseline(ctx, compared)
    ctx.exit(code_of(verdicts, fail_on, compared))


def tell_unused_of(
    ctx: click.Context, verdicts: Sequence[Verdict], pack: Pack, select: Sequence[str], ignore: Sequence[str]
) -> None:
    """Say which waivers none of the verdicts needed."""
    rules = [rule for name in {v.operation for v in verdicts} for rule in pack.chosen_rules(name, select, ignore)]
    applied = (rule.rule for verdict in verdicts for rule in verdict.rules if rule.outcome in NOTICED)
    met = Met()
    for verdict in verdicts:
        met.add(verdict.facts)
    tell_unused(ctx, applied, rules, met)


def compare(compared: Compared | None, checked: Sequence[tuple[Verdict, Candidate]]) -> list[frozenset[str] | None]:
    """Compare what was found with a baseline, if there is one; returns the rules that are known, of each verdict."""
    known: list[frozenset[str] | None] = []
    for verdict, candidate in checked:
        lists = ([rule.rule for rule in rules] for rules in (verdict.failed, verdict.undecided, verdict.warnings))
        known.append(None if compared is None else compared.add(verdict.operation, candidate.lasting_name, *lists))
    return known


def with_ways_in(verdict: Verdict, candidate: Candidate) -> Verdict:
    """Note which options say most of what is missing, where one side of the candidate is not given at all."""
    options = {ask.option.partition(" ")[0] for ask in verdict.ask}
    notes = []
    if candidate.ecs is None and "--ecs" in options:
        notes.append("no ECS is given: --ecs FILE or --flavor ID says most of what is missing of it")
    if (
        candidate.image is None
        and candidate.ecs is not None
        and not candidate.is_beside_others
        and "--image" in options
    ):
        notes.append("no image is given: --image FILE says most of what is missing of it")
    return replace(verdict, notes=(*notes, *verdict.notes))


def overruled(candidates: Sequence[Candidate], operations: Sequence[str]) -> list[str]:
    """Say which requests and rows ask for another operation than ``--operation``, which counts more."""
    asking = [subject for candidate in candidates if (subject := candidate.asking) is not None]
    return [
        f"{subject}: asks for {subject.record.operation}; --operation {' and '.join(operations)} counts"
        for subject in asking
        if operations and subject.record.operation not in operations
    ]


def tell_about(reader: Reader, subjects: Sequence[Subject], verbose: bool, others: Sequence[str]) -> None:
    """Say on stderr what the readers noted, what else there is and, if `verbose`, what of the files was not used."""
    from imagefit.cli.errors import complain

    of_records = [f"{s.record.key}: {note}" for s in subjects for note in s.record.notes]
    told = accounts(reader.files) if verbose else []
    tell_notes([*told, *reader.warnings, *others, *of_records], verbose)
    for record in {id(subject.record): subject.record for subject in subjects}.values() if verbose else ():
        for name, value in record.unused.items():
            what = "not recognised" if name in record.unrecognised else "not used"
            complain(f"{record.key}: {what}: {name} = {value}")


def show(report: Report, kind: str, output: str | None) -> None:
    """Write the verdicts, and say how many of each kind there are on stderr if there are several."""
    from imagefit.cli.errors import complain
    from imagefit.reports.formats import FORMATS, made

    form = FORMATS[kind]
    with opened(kind, output) as file:
        if form.rows:
            from imagefit.reports.checkrows import write_rows

            write_rows(kind, file, report)
        else:
            file.write(made(form.check or form.findings)(report).encode("utf-8", "backslashreplace"))
    if len(report.checked) > 1 and (kind == "text" or output is not None):
        complain(f"{len(report.checked)} checked: {report.counted()}")


def code_of(verdicts: Sequence[Verdict], fail_on: str, compared: Compared | None = None) -> int:
    """Return the exit code: the worst verdict's, as far as `fail_on` and a baseline let it count."""
    from imagefit.rulepack.pack import Severity

    level = max((verdict.verdict.level for verdict in verdicts), default=0)
    is_warned = any(rule.severity is Severity.WARNING for verdict in verdicts for rule in verdict.warnings)
    is_assumed = any(verdict.assumed for verdict in verdicts)
    return exit_code(level, fail_on, is_warned=is_warned, is_assumed=is_assumed, compared=compared)
