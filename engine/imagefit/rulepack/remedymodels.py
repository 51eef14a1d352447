"""The shape of what a pack says of remedies: what they do, what they cost, what they lead through, what they choose."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictFloat, StrictInt, StrictStr, WithJsonSchema

from imagefit.rulepack.modelparts import (
    LIST,
    MODEL,
    SCALAR,
    Elements,
    FactName,
    FactOperand,
    Model,
    RawCondition,
    Text,
)

__all__ = ["ChoiceModel", "CostModel", "DistanceModel", "EffectModel", "RemedyModel", "ThroughModel"]


class EffectModel(Model):
    """What a remedy does to a fact, where it does more than set a value; exactly one key."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    same_as: FactName | None = Field(None, description="the fact becomes what this one is")
    add: StrictStr | Elements | FactOperand | None = Field(None, description="elements that the set has afterwards")
    unknown: Literal[True] | None = Field(None, description="nobody can say what the fact becomes")


EffectOrValue = Annotated[object, WithJsonSchema({"anyOf": [{MODEL: "EffectModel"}, SCALAR, LIST]})]


class ThroughModel(Model):
    """An operation that a remedy goes through: it can be done only where that one is compatible, by all rules."""

    operation: Text
    facts: dict[FactName, EffectOrValue] = Field({}, description="what the facts are for that operation")


class RemedyModel(Model):
    """An action that can make a candidate fit."""

    text: Text = Field(description="what to do; {fact} is filled in")
    actor: Text = Field(description="who can do it")
    requires: RawCondition | None = Field(None, description="where it can be done")
    operations: list[Text] = Field([], description="for which operations it can be done; for all if it is left out")
    effects: dict[FactName, EffectOrValue] = Field({}, description="what it does to facts, if it is done")
    cost: list[Text] = Field([], description="what it costs: names of the pack's `costs`; nothing, if it is left out")
    through: ThroughModel | None = Field(None, description="an operation that must be possible for it")
    instead: StrictStr = Field("", description="an operation that is done in place of the one asked about")
    chooses: StrictStr = Field("", description="that it chooses something else: one of the pack's `choices`")
    makes: Literal["image", "ecs", ""] = Field(
        "", description="that what is used then is new, such as a copy, and none of what waivers name"
    )


class CostModel(Model):
    """A word for what a remedy costs."""

    rank: Annotated[StrictInt, Field(ge=0)] = Field(
        description="one of a higher rank weighs more than any number of lower ones; 0: it weighs nothing"
    )
    meaning: Text


class DistanceModel(Model):
    """How far two things that can be chosen are apart in one fact."""

    fact: FactName
    part: StrictStr = Field(
        "", description="a pattern: what it finds in the text is compared, as a number if it is one"
    )
    by: Literal["other", "difference", "doublings", "words"] = Field(
        "other",
        description="1 where they differ; how much they differ; how often the smaller doubles to the larger; "
        "of a text, which part of the words of the one no word of the other begins with",
    )
    weight: StrictInt | StrictFloat = Field(1, gt=0)
    meaning: Text


class ChoiceModel(Model):
    """Something of which a remedy can choose another one: a flavor, an image."""

    title: Text = Field(description="what it is, after `another`")
    of: Literal["image", "ecs"] = Field(description="which of the two parts of a candidate it is")
    facts: list[FactName] = Field(min_length=1, description="the facts that come with it, and change with the choice")
    distance: list[DistanceModel] = Field([], description="how far two of them are apart: the sum of these")
