"""The data sets that `params.yaml` can declare: new ones are imported here and join the union."""

from collections.abc import Iterable
from inspect import isclass
from typing import Annotated, get_args

from pydantic import Field

from deepmir.datasets import base
from deepmir.datasets.folder.dataset import Folder
from deepmir.datasets.instrument_notes import InstrumentNotes
from deepmir.datasets.published.dataset import Mirdata
from deepmir.datasets.recordings.fretsonfire import FretsOnFire
from deepmir.datasets.recordings.jamendolyrics import JamendoLyrics
from deepmir.datasets.rendered import Rendered
from deepmir.datasets.scores import Scores
from deepmir.datasets.tones import Tones
from deepmir.errors import DeepmirError

Dataset = Annotated[
    Scores | Rendered | Folder | Mirdata | JamendoLyrics | FretsOnFire | Tones | InstrumentNotes,
    Field(discriminator="source"),
]


def check(classes: Iterable[object]) -> None:
    """Refuse a class that lacks a part of a data set.

    Raises:
        DeepmirError: naming the class and the part.
    """
    words: dict[str, str] = {}
    for one in classes:
        if not isclass(one) or not issubclass(one, base.Dataset):
            raise DeepmirError(f"data sets: {one} is not a subclass of datasets.base.Dataset")
        if missing := sorted(one.__abstractmethods__):
            raise _lacking(one, f"lacks {', '.join(f'{name}()' for name in missing)}")
        if not (one.__doc__ or "").strip():
            raise _lacking(one, "lacks a docstring that says what it holds")
        if hidden := one.model_fields.keys() & vars(base.Dataset).keys():
            raise _lacking(one, f"has a key {min(hidden)!r}, which hides the method: rename it")
        word, *others = get_args(one.model_fields["source"].annotation) or ("",)
        if not word or others:
            raise _lacking(one, 'lacks its word: declare `source: Literal["its-word"]`')
        if words.setdefault(word, one.__name__) != one.__name__:
            raise _lacking(one, f"has the source {word!r}, which {words[word]} has: choose another")


def _lacking(one: type, what: str) -> DeepmirError:
    return DeepmirError(f"the data set {one.__module__}.{one.__name__} {what}")


check(get_args(get_args(Dataset)[0]))
