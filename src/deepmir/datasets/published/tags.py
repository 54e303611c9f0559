"""Tags of recordings, or of parts of them, as `tag_open`: voices, genres, instruments."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from deepmir.datasets.published.convert import Converter, Span, annotation, span, spans
from deepmir.files.annotations import PAUSE, Annotation, joined

# Names of instruments in the sets, mapped to those of the task `instrument`; one without its own
# name there is mapped to its family.
INSTRUMENTS: Mapping[str, str] = {
    "acoustic guitar": "steel guitar",
    "bass tuba": "tuba",
    "clean electric guitar": "clean guitar",
    "cymbals": "drums",
    "distorted electric guitar": "distortion guitar",
    "double bass": "contrabass",
    "doublebass": "contrabass",
    "drum set": "drums",
    "electric guitar": "guitar",
    "female rapper": "voice",
    "female singer": "voice",
    "horn": "french horn",
    "lap steel guitar": "plucked",
    "male rapper": "voice",
    "male singer": "voice",
    "mallet percussion": "mallets",
    "mandolin": "plucked",
    "sax alto": "alto saxophone",
    "sax baritone": "baritone saxophone",
    "sax soprano": "soprano saxophone",
    "sax tenor": "tenor saxophone",
    "ukulele": "plucked",
    "violoncello": "cello",
    "vocalists": "voice",
}


def voice(data: Any, duration: float) -> list[Annotation]:
    """The union of sung notes, or of the words of `LyricData`, as `tag_open` of kind voice.

    A word without letters is a pause.
    """
    lyrics = getattr(data, "lyrics", ["la"] * len(data.intervals))
    return _sung(joined((times for times, word in spans(data, lyrics) if word.strip()), PAUSE))


def vocal_activity(data: Any, duration: float) -> list[Annotation]:
    """RWC's `EventData` of the leading part as `tag_open` of kind voice.

    `m:withm` is a male singer, `f:...` a female one; `s:electricguitar` is a solo, `b` neither.
    """
    leads = spans(data, (event.partition(":")[0] for event in data.events))
    return _sung(joined((times for times, who in leads if who and set(who) <= {"m", "f"}), 0.0))


def _sung(sung: Iterable[Span]) -> list[Annotation]:
    # Without intervals it states that nobody sings, which the task learns from too.
    found = tuple(span(times, "voice") for times in sung)
    return [Annotation("tag_open", found, tool="mirdata", sandbox={"kind": "voice"})]


def words(kind: str) -> Converter:
    """One or several tags of the whole recording as `tag_open` of a kind, such as genre."""
    return functools.partial(_words, kind)


def _words(kind: str, data: Any, duration: float) -> list[Annotation]:
    stated = [data] if isinstance(data, str) else list(data)
    found = (span((0.0, duration), str(word), 1.0) for word in dict.fromkeys(stated) if word)
    return annotation("tag_open", found, kind=kind)


def instruments(data: Any, duration: float) -> list[Annotation]:
    """One or several instruments of the recording, as `tag_open` of kind instrument."""
    stated = [data] if isinstance(data, str) else list(data)
    return words("instrument")([instrument(name) for name in stated], duration)


def instrument(name: str) -> str:
    """The name of an instrument in the task `instrument`: `Clarinet in Bb` is a clarinet."""
    plain = name.lower().replace("_", " ").partition(" in ")[0].strip()
    return INSTRUMENTS.get(plain, plain)
