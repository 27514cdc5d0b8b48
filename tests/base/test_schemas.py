"""A schema says of a model what pydantic checks."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from jsonschema import Draft7Validator
from pydantic import Field

from jstock_core.base.params import Inside, check_pattern, declare
from jstock_core.base.schemas import choice_schema, file_schema, model_schema


@declare
class Costs:
    """What it costs."""

    title: str = Field(default="", description="a key that JSON Schema knows too")
    pct: float = Field(gt=0, le=5, description="percent")


@declare
class Whole:
    """A file."""

    costs: Annotated[dict[str, Any], Inside(Costs)] = Field(description="the costs")
    way: Annotated[dict[str, Any], Inside("way")] | None = None
    until: Annotated[str, check_pattern("0[78]:00", "seven or eight")] = "07:00"


WAYS = choice_schema("use", {"mail": model_schema(Costs), "push": model_schema(Whole)})
SCHEMA = file_schema(Whole, "whole", {"way": WAYS})


def fits(data: Any) -> bool:
    return Draft7Validator(SCHEMA).is_valid(data)


def test_it_is_a_schema_of_its_draft():
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["title"] == "whole"


def test_keys_have_ranges_words_and_defaults():
    costs = SCHEMA["properties"]["costs"]
    assert costs["description"] == "the costs"
    expected = {"exclusiveMinimum": 0, "maximum": 5, "description": "percent", "type": "number"}
    assert costs["properties"]["pct"] == expected
    assert costs["properties"]["title"]["default"] == ""


@pytest.mark.parametrize(
    "data",
    [
        {"costs": {"pct": 5}},
        {"costs": {"pct": 0.1, "title": "a"}, "until": "08:00"},
        {"costs": {"pct": 1}, "way": {"use": "mail", "pct": 2}},
        {"costs": {"pct": 1}, "way": None},
    ],
)
def test_what_is_sound_fits(data: Any):
    assert fits(data)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"costs": {"pct": 0}},
        {"costs": {"pct": "1"}},
        {"costs": {"pct": 1, "other": 1}},
        {"costs": {"pct": 1}, "until": "08:001"},
        {"costs": {"pct": 1}, "way": {"pct": 2}},
        {"costs": {"pct": 1}, "way": {"use": "mail"}},
        {"costs": {"pct": 1}, "way": {"use": "none", "pct": 2}},
        {"costs": {"pct": 1}, "way": {"use": "push", "pct": 2}},
    ],
)
def test_what_is_not_sound_does_not(data: Any):
    assert not fits(data)
