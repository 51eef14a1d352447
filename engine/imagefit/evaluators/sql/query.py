"""The rules of an operation as one SELECT: the table's columns, then the verdict and what belongs to it.

It has stages, each a SELECT around the one before: facts (what is given and assumed put in, NaN and empty text
unknown), the rules' violations, the verdict, the lists. A later stage names what an earlier one worked out, so
nothing is worked out twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from imagefit.errors import EvaluatorError
from imagefit.evaluators.results import OUTCOMES
from imagefit.evaluators.sql import KNOWN
from imagefit.evaluators.sql.conditions import Fact, Translation
from imagefit.evaluators.sql.dialect import Dialect
from imagefit.evaluators.sql.reading import Kind, Reading
from imagefit.evaluators.sql.reasons import message_of, undecided_of
from imagefit.evaluators.sql.terms import Expression, any_of, every_of, known, name_of, text, when
from imagefit.facts import FieldType, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
from imagefit.supply import Supply
from imagefit.verdicts import LEVELS, NOTED, VerdictKind

__all__ = ["RESULTS", "Column", "Query", "Stage"]

RESULTS = ("verdict", "failed_rules", "unknown_rules", "warnings", "unknown_facts", "reasons")
"""The columns that the query adds."""

OWN = "imagefit_"
"""What the columns begin with that are no results."""

Column = tuple[str, Expression]
"""A name and what it stands for."""

Stage = Sequence[Column]


@dataclass(frozen=True)
class Query:
    """Some rules of a pack as a query in one dialect.

    Attributes
    ----------
    supply
        What is given and what is assumed for every row.
    columns
        The facts that the table has columns of; None: all that the rules look at. The others are unknown.
    with_reasons
        Whether there is a column of reasons.
    prefix
        Put before the names of the result columns.
    kinds
        What the columns really are, where values are to be read as `facts.read_value` reads them, and those that are
        none of their fact's to be found; None: columns are of their facts' types, and taken as they are.

    Raises
    ------
    EvaluatorError
        If the dialect can't say a comparison exactly.
    """

    pack: Pack
    rules: Sequence[Rule]
    dialect: Dialect
    supply: Supply = field(default_factory=Supply)
    columns: Collection[str] | None = None
    with_reasons: bool = False
    prefix: str = ""
    kinds: Mapping[str, Kind] | None = None

    # -- facts -----------------------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that the rules look at, in the order of first mention."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.facts))

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The facts that the query reads from columns of the table."""
        assumptions = self.supply.assumptions
        looked_at = dict.fromkeys(self.facts)
        looked_at |= dict.fromkeys(
            getattr(assumptions[name], "fact", name) for name in self.facts if name in assumptions
        )
        given = self.supply.given
        return tuple(name for name in looked_at if name not in given and (self.columns is None or name in self.columns))

    def _stated(self, name: str) -> list[Fact]:
        """Return a fact as the table states it; nothing if it has no column of it."""
        if name not in self.read:
            return []
        of, column = self.pack.fields[name], name_of(name)
        if self.kinds is not None:
            return [Reading(self.dialect, of, column, self.kinds[name]).fact]
        if of.type is FieldType.STRING_SET:
            return [Fact(of, column, self._is_set(column, name))]
        if of.type is FieldType.NUMBER:
            return [Fact.of(of, when((exp.not_(self.dialect.is_nan(column)), column.copy())))]
        if of.type in (FieldType.ENUM, FieldType.STRING):
            return [Fact.of(of, exp.func("NULLIF", column, text("")))]
        return [Fact.of(of, column)]

    def _is_set(self, column: Expression, name: str) -> Expression:
        """Return whether a set is known; one with an unknown element is not."""
        is_there = (
            known(column) if self.dialect.has_null_sets else exp.func("COALESCE", name_of(name + KNOWN), exp.false())
        )

        def is_unknown(element: Expression) -> Expression:
            return any_of([exp.Is(this=element, expression=exp.Null()), exp.EQ(this=element, expression=text(""))])

        has_unknown = self.dialect.has_element(column.copy(), is_unknown)
        return when((is_there, exp.not_(has_unknown)), otherwise=exp.false())

    def _fixed(self, name: str, value: Value) -> Fact:
        of = self.pack.fields[name]
        return Fact(of, Translation(self.dialect, self.fact).constant(value, of), exp.true())

    @cached_property
    def _sources(self) -> Mapping[str, list[Fact]]:
        """What each fact is, the first that is known: given or stated, then assumed."""
        return {
            name: [
                *self.supply.known(name, self._stated, lambda value, name=name: self._fixed(name, value)),  # type: ignore[misc]
                *self.supply.assumed(name, self._stated, lambda value, name=name: self._fixed(name, value)),  # type: ignore[misc]
            ]
            for name in self.facts
        }

    @cached_property
    def fact_stage(self) -> Stage:
        """Each fact that the table can state; of a set, whether it is known, too."""
        found: list[Column] = []
        for number, (name, sources) in enumerate(self._sources.items()):
            if not sources or name in self.supply.given:
                continue
            is_set = self.pack.fields[name].type is FieldType.STRING_SET
            if is_set:
                found.append((f"{OWN}k{number}", any_of([source.is_known for source in sources])))
            if len(sources) == 1:
                found.append((f"{OWN}f{number}", sources[0].value))
            elif is_set:
                chosen = when(*[(s.is_known.copy(), s.value.copy()) for s in sources[:-1]], otherwise=sources[-1].value)
                found.append((f"{OWN}f{number}", chosen))
            else:
                found.append((f"{OWN}f{number}", exp.func("COALESCE", *[source.value for source in sources])))
        return found

    @cached_property
    def _facts(self) -> dict[str, Fact]:
        """The facts as later stages name them."""
        found = {}
        for number, (name, sources) in enumerate(self._sources.items()):
            of = self.pack.fields[name]
            if name in self.supply.given:
                found[name] = sources[0]
            elif not sources:
                found[name] = Fact(of, self.dialect.null(of), exp.false())
            elif of.type is FieldType.STRING_SET:
                found[name] = Fact(of, name_of(f"{OWN}f{number}"), name_of(f"{OWN}k{number}"))
            else:
                found[name] = Fact.of(of, name_of(f"{OWN}f{number}"))
        return found

    def fact(self, name: str) -> Fact:
        """Return a fact as later stages name it."""
        return self._facts[name]

    def wrong(self) -> Expression:
        """Return the first fact of a row that has a value which is none of its own; null if there is none."""
        kinds = {name: kind for name, kind in (self.kinds or {}).items() if name not in self.supply.given}
        readings = [Reading(self.dialect, self.pack.fields[name], name_of(name), kinds[name]) for name in kinds]
        cases = [(is_wrong, self.dialect.text(each.field.name)) for each in readings if (is_wrong := each.is_wrong)]
        null = exp.cast(exp.Null(), "TEXT")
        return when(*cases, otherwise=null) if cases else null

    # -- rules -----------------------------------------------------------------------------------------------

    @cached_property
    def _translation(self) -> Translation:
        return Translation(self.dialect, self.fact)

    @cached_property
    def rule_stage(self) -> Stage:
        """Of each error or warning whether it is violated; of a notice whether it applies."""
        return [(f"{OWN}r{number}", self._translated(rule)) for number, rule in enumerate(self.rules)]

    def _translated(self, rule: Rule) -> Expression:
        try:
            return self._translation.condition(rule.when if rule.severity is Severity.NOTICE else rule.violation)
        except EvaluatorError as error:
            raise EvaluatorError(f"{rule.id}: {error}") from None

    def violated(self, rule: Rule) -> Expression:
        """Return whether a rule is violated (of a notice: applies), as later stages name it."""
        return name_of(f"{OWN}r{self.rules.index(rule)}")

    @cached_property
    def _errors(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.severity is Severity.ERROR]

    @cached_property
    def verdict_stage(self) -> Stage:
        """The verdict: of the error rules one fails, or else one is unknown, or else neither."""
        is_bad = any_of([self.violated(rule) for rule in self._errors])
        verdict = when(
            (is_bad, text(VerdictKind.INCOMPATIBLE.value)),
            (exp.Is(this=exp.paren(is_bad.copy()), expression=exp.Null()), text(VerdictKind.UNKNOWN.value)),
            otherwise=text(VerdictKind.COMPATIBLE.value),
        )
        return [(self.prefix + RESULTS[0], verdict)]

    @cached_property
    def list_stage(self) -> Stage:
        """The lists that belong to the verdict."""
        listed, errors = self.dialect.listed, self._errors
        unknown = [exp.Is(this=self.violated(rule), expression=exp.Null()) for rule in errors]
        noted = [rule for severity in NOTED for rule in self.rules if rule.severity is severity]
        lists = {
            "failed_rules": listed([(self.violated(rule), self.dialect.text(rule.id)) for rule in errors]),
            "unknown_rules": listed(
                [(each, self.dialect.text(rule.id)) for each, rule in zip(unknown, errors, strict=True)]
            ),
            "warnings": listed([(self.violated(rule), self.dialect.text(rule.id)) for rule in noted]),
            "unknown_facts": self._unknown_facts(),
        }
        if self.with_reasons:
            lists["reasons"] = listed(
                [
                    *((self.violated(rule), message_of(rule, self._translation, self._facts)) for rule in errors),
                    *(
                        (each, undecided_of(rule, self._facts, self._translation))
                        for each, rule in zip(unknown, errors, strict=True)
                    ),
                ]
            )
        return [(self.prefix + name, lists[name]) for name in RESULTS if name in lists]

    def _unknown_facts(self) -> Expression:
        """Return the facts that are unknown among those of unknown error rules, of a verdict that is unknown."""
        verdict = name_of(self.prefix + RESULTS[0])
        is_unknown = exp.EQ(this=verdict, expression=text(VerdictKind.UNKNOWN.value))
        items = []
        for name in self.facts:
            waiting = [
                exp.Is(this=self.violated(rule), expression=exp.Null()) for rule in self._errors if name in rule.facts
            ]
            if waiting and name not in self.supply.given:
                is_missing = self.fact(name).is_unknown
                items.append((every_of([is_unknown, is_missing, exp.paren(any_of(waiting))]), self.dialect.text(name)))
        return self.dialect.listed(items)

    # -- the whole -------------------------------------------------------------------------------------------

    @property
    def stages(self) -> Sequence[Stage]:
        """All stages, in order."""
        return [self.fact_stage, self.rule_stage, self.verdict_stage, self.list_stage]

    @property
    def own_columns(self) -> list[str]:
        """The names of the columns that are no results."""
        return [name for name, _ in (*self.fact_stage, *self.rule_stage)]

    def outcomes(self, table: Expression) -> exp.Select:
        """Return a query for the verdicts as places in `LEVELS`, and each rule's outcomes as places in `OUTCOMES`."""
        verdict = name_of(self.prefix + RESULTS[0])
        levels = [
            (exp.EQ(this=verdict.copy(), expression=text(each.value)), _number(n)) for n, each in enumerate(LEVELS)
        ]
        outcomes = [(f"{OWN}o{number}", self._outcome_of(rule)) for number, rule in enumerate(self.rules)]
        stages = [self.fact_stage, self.rule_stage, self.verdict_stage]
        return self._laid_out(table, stages, [(f"{OWN}level", when(*levels)), *outcomes], star=False)

    def _outcome_of(self, rule: Rule) -> Expression:
        """Return the outcome of a rule, after the stage of the rules; its `when` is asked once more."""
        applies, violated = exp.paren(self._translation.condition(rule.when)), self.violated(rule)
        cases: list[tuple[Expression, Outcome]] = [(exp.not_(applies), Outcome.NOT_APPLICABLE)]
        if rule.severity is Severity.NOTICE:
            cases.append((violated, Outcome.PASS))
        else:
            cases += [(violated, Outcome.FAIL), (exp.not_(violated.copy()), Outcome.PASS)]
        unknown = _number(OUTCOMES.index(Outcome.UNKNOWN))
        return when(*[(case, _number(OUTCOMES.index(each))) for case, each in cases], otherwise=unknown)

    def select(self, table: Expression) -> exp.Select:
        """Return the query."""
        *stages, last = self.stages
        return self._laid_out(table, stages, last, star=True)

    def _laid_out(self, table: Expression, stages: Sequence[Stage], last: Stage, *, star: bool) -> exp.Select:
        """Return a query with these stages; with `star`, the table's columns and the verdict are in front."""
        layout = self._nested if self.dialect.has_star_except else self._lateral
        return layout(table, [stage for stage in stages if stage], last, star)

    def _nested(self, table: Expression, stages: Sequence[Stage], last: Stage, star: bool) -> exp.Select:
        source = table
        for stage in stages:
            source = exp.select(exp.Star(), *_aliased(stage)).from_(source).subquery(f"{OWN}t")
        if not star:
            return exp.select(*_aliased(last)).from_(source)
        dropped = [exp.to_identifier(name, quoted=True) for name in self.own_columns]
        rest = exp.Star(except_=dropped) if dropped else exp.Star()
        return exp.select(rest, *_aliased(last)).from_(source)

    def _lateral(self, table: Expression, stages: Sequence[Stage], last: Stage, star: bool) -> exp.Select:
        """Return it for a database that has no ``* EXCEPT``; OFFSET 0 keeps a stage from being worked out anew."""
        source = exp.to_identifier(f"{OWN}t")
        query = exp.select().from_(exp.alias_(table, source, table=True))
        for number, stage in enumerate(stages):
            worked = exp.Subquery(this=exp.select(*_aliased(stage)).offset(0))
            alias = exp.TableAlias(this=exp.to_identifier(f"{OWN}s{number}"))
            query = query.join(exp.Lateral(this=worked, alias=alias), join_type="CROSS")
        if star:
            results = [name_of(name) for name, _ in self.verdict_stage]
            query = query.select(exp.Column(this=exp.Star(), table=source), *results)
        return query.select(*_aliased(last))


def _aliased(stage: Stage) -> list[Expression]:
    return [exp.alias_(expression, name, quoted=True) for name, expression in stage]


def _number(number: int) -> Expression:
    return exp.Literal.number(number)
