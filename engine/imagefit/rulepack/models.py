"""The shape of each kind of pack file, as pydantic models; the JSON Schemas are generated from them.

A model says what keys a file may have and of what plain type; `conditions` inside stay plain data here
(they need the vocabulary to be understood) and are read by `parsing`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictStr, WithJsonSchema
from pydantic.config import JsonDict

from imagefit.facts import FieldType
from imagefit.rulepack.modelparts import (
    MODEL,
    SCALAR,
    VERSION,
    Day,
    FactName,
    Model,
    Plain,
    PlainOrNull,
    RawCondition,
    RuleId,
    Text,
    Word,
)
from imagefit.rulepack.pack import Basis, Outcome, Severity
from imagefit.rulepack.remedymodels import ChoiceModel, CostModel, RemedyModel

__all__ = [
    "AddModel",
    "CallModel",
    "ChangeModel",
    "DefaultModel",
    "DropModel",
    "ExampleModel",
    "FieldModel",
    "PackModel",
    "ReplaceModel",
    "RuleBodyModel",
    "RuleModel",
    "SourceRefModel",
    "WordsModel",
]

RawAdjustment = Annotated[
    object,
    WithJsonSchema({"anyOf": [{MODEL: f"{name}Model"} for name in ("Add", "Replace", "Drop", "Change")]}),
]
"""`overlay` reads adjustments: which of the four it is, its key says."""


class PackModel(Model):
    """pack.yaml: the pack's name and version, and the files it consists of; of an overlay, what it adjusts."""

    name: Word
    version: Annotated[StrictStr, Field(pattern=VERSION)]
    title: Text
    includes: list[Text] = Field([], description="files of the pack's folder; no `..`, no absolute path")
    extends: Text | None = Field(
        None, description="the pack that this one adjusts: the name of one that ships, or a path from this folder"
    )
    adjustments: list[RawAdjustment] = Field([], description="what an overlay does to rules of the pack it extends")


class OperationModel(Model):
    """Something that a candidate is evaluated for."""

    title: Text
    meaning: StrictStr = ""


class FieldModel(Model):
    """A field of the vocabulary: the type, the unit and the meaning of one fact."""

    type: FieldType = Field(description="number may have a fraction, integer not; set is a set of strings")
    values: list[Text] = Field([], description="of an enum; of a set: what its elements may be")
    elements: StrictStr = Field(
        "", description="of a set: what an element looks like, such as name=value, where words stand for text"
    )
    unit: StrictStr = Field("", description="of an integer or a number: GiB, W, ...")
    at_least: StrictFloat | None = Field(
        None, description="of an integer or a number: the least that it can be; what is lower is no value of it"
    )
    meaning: Text
    example: Plain = Field(description="a value of it")
    supplied_by: list[Word] = Field([], description="the calls that supply it, the usual one first")
    carried: Literal[True] | Annotated[list[Text], Field(min_length=1)] | None = Field(
        None, description="true: no rule needs to look at the fact; a list: at these of its values (`rules lint` asks)"
    )


class NamedConditionModel(Model):
    """A condition with a name, for `is: name`."""

    meaning: Text
    condition: RawCondition


class SourceModel(Model):
    """A document that rules cite."""

    title: Text
    address: StrictStr
    read: Day
    remarks: StrictStr = ""


class SourceRefModel(Model):
    """A place in a source."""

    document: Text = Field(description="a source of the pack")
    section: StrictStr = Field("", description="a heading, an anchor, a page")


class CallModel(Model):
    """Something that a person can ask the cloud for, and give as a file: it supplies facts."""

    title: Text = Field(description="what is asked for")
    operations: list[Text] = Field([], description="the operations for which to ask; all, if none is named")
    api: StrictStr = Field("", description="the API's own name of it, such as GET /v2/cloudimages")
    command: Text = Field(description="what to type; {fact} is filled in, or is the fact's last word in capitals")
    terraform: StrictStr = Field("", description="the data source that gives the same")
    file: Text = Field(description="what to call the file with the result")
    option: Text = Field(description="the option that takes the file, such as --image")
    source: SourceRefModel | None = Field(None, description="where it says so")


class DefaultModel(Model):
    """A fact that is assumed of something that says too little of itself, and is reported as assumed."""

    of: Literal["flavor_by_id"] = Field(description="of what: a flavor that is known by its id alone")
    meaning: Text
    fact: FactName
    value: Plain
    where: RawCondition | None = Field(None, description="what must be known for it; nothing, if it is left out")


class WordsModel(Model):
    """A file that defines words (the vocabulary, the remedies, the sources) or, of an overlay, adjusts rules."""

    operations: dict[Word, OperationModel] = Field({})
    fields: dict[FactName, FieldModel] = Field({})
    conditions: dict[Word, NamedConditionModel] = Field({})
    remedies: dict[Word, RemedyModel] = Field({})
    costs: dict[Word, CostModel] = Field({})
    choices: dict[Word, ChoiceModel] = Field({})
    sources: dict[Word, SourceModel] = Field({})
    calls: dict[Word, CallModel] = Field({})
    assumptions: dict[Word, DefaultModel] = Field({})
    adjustments: list[RawAdjustment] = Field([])


class ExampleModel(Model):
    """Facts, and the outcome that the rule must have on them."""

    facts: dict[FactName, PlainOrNull] = Field(description="what is known; a fact that is left out is unknown")
    outcome: Outcome


_HAS_REQUIRE: JsonDict = {"required": ["require"]}
_NOTICES_REQUIRE_NOTHING: JsonDict = {
    "if": {"properties": {"severity": {"const": "notice"}}, "required": ["severity"]},
    "then": {"not": _HAS_REQUIRE},
    "else": _HAS_REQUIRE,
}


class RuleBodyModel(Model):
    """A rule without its id."""

    model_config = ConfigDict(json_schema_extra=_NOTICES_REQUIRE_NOTHING)

    title: Text = Field(description="the constraint in a sentence")
    operations: Literal["all"] | Annotated[list[Text], Field(min_length=1)]
    when: RawCondition | None = Field(None, description="where the rule applies; everywhere if it is left out")
    require: RawCondition | None = Field(None, description="what must hold there")
    severity: Severity = Field(
        Severity.ERROR,
        description="an error decides the verdict; a warning never does; a notice is shown where it applies",
    )
    message: Text = Field(description="what to say where it fails; {fact} is filled in")
    remedies: list[Text] = Field([], description="ids of what can be done about it, the best first")
    source: SourceRefModel = Field(description="where it says so")
    see_also: list[SourceRefModel] = Field([])
    tags: list[Word] = Field([], description="words to select rules by")
    error_codes: list[Text] = Field([], description="what the system itself answers where the rule fails")
    basis: Basis = Basis.DOCUMENTED
    contradicts: list[RuleId] = Field(
        [], description="rules that it contradicts because the documents do: where both apply nothing fits"
    )
    description: StrictStr = Field("", description="more about it, for its documentation")
    examples: list[ExampleModel] = Field(
        [], description="one for each outcome that it can have: fail, pass, unknown, not_applicable"
    )


class RuleModel(RuleBodyModel):
    """One rule of a rule file (a list of these)."""

    id: RuleId = Field(description="the file's name without .yaml, a dot, and a name")
    was: list[RuleId] = Field([], description="ids that the rule had; they still select it")


class _AdjustmentModel(Model):
    why: Text
    loosens: StrictBool = Field(False, description="must be true exactly where some candidate gets a better result")


class AddModel(_AdjustmentModel):
    """An overlay's own rule."""

    add: RuleModel


class ReplaceModel(_AdjustmentModel):
    """A rule in place of the one with that id: the whole rule, without its id."""

    replace: RuleId
    with_: RuleBodyModel = Field(alias="with")


class DropModel(_AdjustmentModel):
    """A rule that does not hold."""

    drop: RuleId
    source: SourceRefModel | None = None


class ChangeModel(_AdjustmentModel):
    """One operand of a rule, such as a limit, is another one; texts that speak of it are given anew.

    The rule's examples stay, but for those that are wrong now; more can be given.
    """

    change: RuleId
    limit: RawCondition = Field(description="the comparison, as the rule has it: `{box.weight_kg: {at_most: 30}}`")
    to: Annotated[object, WithJsonSchema({"anyOf": [SCALAR, {"type": "array"}, {MODEL: "FactOperand"}]})]
    title: Text = ""
    message: Text = ""
    description: StrictStr = ""
    remedies: list[Text] = Field([])
    source: SourceRefModel | None = Field(None, description="where it says so; the rule cites it from now on")
    examples: list[ExampleModel] = Field([])
