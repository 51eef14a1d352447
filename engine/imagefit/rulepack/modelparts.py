"""What the models of pack files are made of: names, texts, values, and conditions as a schema describes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

__all__ = [
    "LIST",
    "MODEL",
    "PATTERNS",
    "SCALAR",
    "VERSION",
    "ConditionModel",
    "Day",
    "Elements",
    "FactName",
    "FactOperand",
    "Model",
    "Plain",
    "PlainOrNull",
    "RawCondition",
    "RuleId",
    "Text",
    "Word",
]

Text = Annotated[StrictStr, Field(min_length=1)]
_FACT = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
_WORD = r"^[a-z0-9][a-z0-9._-]*$"
_RULE_ID = r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$"
VERSION = r"^[0-9]+(\.[0-9]+)*([-+.][0-9A-Za-z.-]+)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"

PATTERNS = {
    _FACT: "small letters, digits and _, in parts that are joined by dots, such as box.max_weight_kg",
    _WORD: "small letters, digits, '.', '_' and '-'",
    _RULE_ID: "the file's name, a dot, and small letters, digits, '_' and '-'",
    VERSION: "a version such as 1.0.0",
    _DATE: 'a day such as "2026-01-31"',
}
"""Each pattern, in words."""


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("a day of the calendar") from None
    return text


MODEL = "x-model"
"""In a schema that is written by hand here, stands for the schema of the model with that name."""

FactName = Annotated[StrictStr, Field(pattern=_FACT, max_length=100)]
Word = Annotated[StrictStr, Field(pattern=_WORD, max_length=100)]
RuleId = Annotated[StrictStr, Field(pattern=_RULE_ID, max_length=200)]
Day = Annotated[StrictStr, Field(pattern=_DATE), AfterValidator(_day)]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
SCALAR = {"type": ["string", "number", "boolean"]}
LIST = {"type": "array", "items": {"type": "string"}}
Plain = Annotated[object, WithJsonSchema({"anyOf": [SCALAR, LIST]})]
"""A fact's value; its field's type decides, so `parsing` checks it."""
PlainOrNull = Annotated[object, WithJsonSchema({"anyOf": [SCALAR, LIST, {"type": "null"}]})]


class Model(BaseModel):
    """A part of a file: nothing else may stand in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FactOperand(Model):
    """Another fact, to compare with."""

    field: FactName


Elements = Annotated[list[StrictStr], Field(min_length=1)]
OneOf = Annotated[list[Scalar], Field(min_length=1)]
Size = StrictInt | StrictFloat | FactOperand


class Comparison(Model):
    """A fact's comparison written with operators; all that are given must hold."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    equals: Scalar | OneOf | FactOperand | None = None
    not_: Scalar | OneOf | FactOperand | None = Field(None, alias="not")
    in_: OneOf | None = Field(None, alias="in")
    not_in: OneOf | None = None
    same_as: FactName | None = Field(None, description="another fact, which must have the same value")
    at_least: Size | None = None
    at_most: Size | None = None
    above: Size | None = None
    below: Size | None = None
    contains: StrictStr | FactOperand | None = Field(None, description="an element of a set")
    contains_any: Elements | FactOperand | None = Field(None, description="elements of a set, of which one is enough")
    contains_all: Elements | FactOperand | None = Field(None, description="elements of a set, all of them")


class ConditionModel(BaseModel):
    """A mapping is a conjunction of its entries; keys that are none of these name facts."""

    model_config = ConfigDict(
        extra="allow", frozen=True, json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": _FACT}}
    )
    __pydantic_extra__: dict[str, Scalar | OneOf | Comparison]

    all: list[ConditionModel] | None = Field(None, min_length=1, description="conditions that must all hold")
    any: list[ConditionModel] | None = Field(None, min_length=1, description="conditions of which one is enough")
    not_: ConditionModel | None = Field(None, alias="not", description="a condition that must not hold")
    is_: Text | None = Field(None, alias="is", description="a named condition of the vocabulary")


RawCondition = Annotated[object, WithJsonSchema({MODEL: "ConditionModel"})]
"""`parsing` reads conditions: it knows the vocabulary, and says more than a schema can."""
