"""What varies in an experiment: in a sweep, which trains all combinations, or in a search."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from deepmir.fields import Count, Declaration, Flag, Number, Section, Seed, Text, Whole

Values = (
    Annotated[tuple[Any, ...], Field(min_length=1)]
    | Annotated[Mapping[Text, Any], Field(min_length=1)]
)
End = Annotated[Whole | Number, Field(ge=-1e12, le=1e12)]


class Sweep(Declaration):
    """A network with other values of its keys: all settings, each with its seeds."""

    of: Text = Field(description="the experiment or sequence that is varied")
    vary: Section[Values] = Field(
        default_factory=dict,
        description="by key, such as network or training.seed, its values or its values by name; "
        "all combinations are made",
    )
    settings: Section[Section[Any]] = Field(
        default_factory=dict, description="by name, keys that change together, each with its value"
    )

    @model_validator(mode="after")
    def _varies(self) -> Self:
        if not self.vary and not self.settings:
            raise ValueError("vary and settings are both empty: declare one of them")
        return self


class Range(Declaration):
    """The values of a key that is searched between two ends."""

    low: End = Field(
        description="the lowest value; only whole numbers are tried if both ends are whole"
    )
    high: End = Field(description="the largest")
    log: Flag = Field(False, description="try as many between 1 and 10 as between 10 and 100")

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"log: low {self.low:g} must be above 0")
        return self

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are tried."""
        return isinstance(self.low, int) and isinstance(self.high, int)


def _is_range(given: object) -> str:
    """Whether the values of a key are written as a range; no choice is named as its ends are."""
    is_mapping = isinstance(given, Mapping) and bool({"low", "high"} & {*given})
    return "range" if isinstance(given, Range) or is_mapping else "values"


Searched = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Values, Tag("values")], Discriminator(_is_range)
]


class Search(Declaration):
    """An experiment whose values are chosen on the validation part among those tried."""

    of: Text = Field(description="the experiment that is varied")
    trials: Count = Field(
        le=10_000, description="how many trainings; a higher number later only adds trials"
    )
    search: Annotated[Section[Searched], Field(min_length=1)] = Field(
        description="by key, such as training.learning_rate or network, a range, its values or its "
        "values by name"
    )
    prune: Literal["median", "none"] = Field(
        "median",
        description="end a trial early if its best value so far is worse than the median "
        "of the earlier trials after as many epochs; never among the first "
        "five trials, nor in the first quarter of the epochs",
    )
    seed: Seed = Field(0, description="of drawing the values")
