"""The known loaders of mirdata, and what is read from each: one row each, in `sets_*.py`.

A row maps attributes of mirdata's tracks to annotations, and metadata to the group, the stratum and
the official split. docs/how-to/published-sets.md explains it to users.
"""

import difflib
from collections.abc import Mapping

from deepmir.datasets.published import sets_harmony, sets_pitch, sets_rhythm, sets_tags
from deepmir.datasets.published.loader import Loader
from deepmir.errors import DeepmirError

SETS = (sets_rhythm, sets_harmony, sets_pitch, sets_tags)
LOADERS: Mapping[str, Loader] = dict(
    sorted((pair for each in SETS for pair in each.ROWS.items()), key=lambda pair: pair[0])
)

FEATURES = "it has features in place of recordings"
SCORES = "it has scores and no recordings"
UNSERVED: Mapping[str, str] = {
    "acousticbrainz_genre": FEATURES,
    "baf": "it identifies recordings in broadcasts, which is not a task here",
    "cipi": SCORES,
    "compmusic_otmm_makam": FEATURES,
    "da_tacos": FEATURES,
    "haydn_op20": SCORES,
}


def get(name: str) -> Loader:
    """The row of a loader.

    Raises:
        DeepmirError: when there is none, with the reason, or the closest name and all others.
    """
    if name in LOADERS:
        return LOADERS[name]
    if name in UNSERVED:
        raise DeepmirError(f"{name} of mirdata serves no task: {UNSERVED[name]}")
    near = difflib.get_close_matches(name, LOADERS, n=1, cutoff=0.4)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise DeepmirError(
        f"deepmir does not know how to read mirdata's {name!r}{hint}; it knows {', '.join(LOADERS)}"
    )
