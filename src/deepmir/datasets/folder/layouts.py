"""The columns that a table may have, and the names for them in a header."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: see :data:`NAMES`.
        text: whether it has words; the last column of a layout alone has, and takes all the rest.
        optional: whether a row may end before it.
        headed: whether it is read only where a header names it.
    """

    name: str
    text: bool = False
    optional: bool = False
    headed: bool = False


@dataclass(frozen=True)
class Layout:
    """Columns in their order."""

    columns: tuple[Column, ...]

    @classmethod
    def of(cls, columns: str) -> "Layout":
        """A layout as it is written in the docs: `start end label...`, `time [position]`.

        Dots mark a column of words, brackets one that may be missing, braces one that only a header
        can name.
        """
        return cls(
            tuple(
                Column(word.strip("[]{}."), "..." in word, word[0] in "[{", word[0] == "{")
                for word in columns.split()
            )
        )

    def __str__(self) -> str:
        names = (f"[{c.name}]" if c.optional else c.name for c in self.columns if not c.headed)
        return " ".join(names)

    @property
    def in_order(self) -> dict[str, int]:
        """The places of the columns without a header."""
        names = (column.name for column in self.columns if not column.headed)
        return {name: place for place, name in enumerate(names)}

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a row must have."""
        return tuple(column.name for column in self.columns if not column.optional)

    def named(self, heading: Sequence[str]) -> dict[str, int]:
        """The places of the columns that a header names, each cell of it for one of them."""
        whole = [frozenset({_words(cell)[0]}) for cell in heading]
        parts = [frozenset(PARTS.findall(cell.casefold())) - UNITS for cell in heading]
        places: dict[str, int] = {}
        # `chord label` is a label, unless another cell is one as a whole.
        for words in (whole, parts):
            for column in self.columns:
                if column.name not in places:
                    taken = places.values()
                    place = _place(NAMES[column.name], words, frozenset(taken))
                    places |= {} if place is None else {column.name: place}
        return places


def _place(
    names: Sequence[str], words: Sequence[frozenset[str]], taken: frozenset[int]
) -> int | None:
    """The first cell that has the surest of some names, of those that are not taken."""
    fitting = (n for name in names for n, word in enumerate(words) if name in word)
    return next((n for n in fitting if n not in taken), None)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# What a header calls a column, the surest name first; a unit is not part of it. Sonic Visualiser
# writes `value` for whatever a layer's points have.
NAMES: Mapping[str, tuple[str, ...]] = {
    "time": _names(
        "time timestamp times onset onsets start begin instant seconds sec s t zeit zeitpunkt "
        "anfang beginn beat beats frame frames sample samples"
    ),
    "start": _names(
        "start begin onset time timestamp from xmin tmin onsettime anfang beginn von frame frames "
        "sample samples"
    ),
    "end": _names("end stop offset finish to until xmax tmax ende bis"),
    "duration": _names("duration dur length lasts dauer länge"),
    "label": _names(
        "label labels text name chord chords segment segments section sections function instrument "
        "tag tags genre genres word words lyrics class annotation singing voice akkord abschnitt "
        "bezeichnung value"
    ),
    "position": _names(
        "position beat beatposition positioninbar beatinbar beatnumber barposition "
        "metricalposition pos beatnr schlag zählzeit value label"
    ),
    "bar": _names("bar bars measure takt"),
    "pitch": _names("pitch midi note notenumber midinote midipitch tonhöhe value"),
    "hertz": _names("hertz frequency freq f0 frequenz value"),
    "melody": _names("melody pitch tonhöhe"),  # in Hz, other than that of notes
    "midi": _names("midi"),
    "velocity": _names("velocity vel"),
    "bpm": _names("bpm tempo value"),
    "key": _names("key tonart label value"),
    "tonic": _names("tonic root"),
    "mode": _names("mode scale"),
    "confidence": _names("confidence probability"),
    "valence": _names("valence"),
    "arousal": _names("arousal"),
    "value": _names("value height"),
}
KNOWN = frozenset(name for names in NAMES.values() for name in names)

# Columns that say nothing that a task reads.
UNREAD = frozenset(
    _names(
        "confidence probability velocity level channel index id uri colour color bar measure value "
        "track number nr salience strength"
    )
)

MILLISECONDS = frozenset({"ms", "msec", "milliseconds", "millisekunden"})
COUNTED = frozenset({"frame", "frames", "sample", "samples"})
MINUTES = frozenset({"min", "minutes", "minuten"})
UNITS = MILLISECONDS | MINUTES | frozenset(_names("s sec secs seconds second sekunden"))
PARTS = re.compile(r"[^\W_]+")


def _words(cell: str) -> tuple[str, frozenset[str]]:
    """The name in a cell of a header, and its units: `Start time (s)` is `start`, in `s`."""
    parts = PARTS.findall(cell.casefold())
    units = frozenset(parts) & (UNITS | COUNTED)
    if "hz" in parts or "hertz" in parts:
        return "hertz", units
    if "midi" in parts and set(parts) <= {"midi", "pitch", "note", "number", "value"}:
        return "midi", units
    kept = [part for part in parts if part not in UNITS] or parts
    if len(kept) > 1:
        kept = [part for part in kept if part not in ("time", "zeit")] or kept
    return "".join(kept), units


def scale(cell: str) -> float:
    """Seconds in the unit of a header's cell.

    Raises:
        ValueError: for frames and samples, whose length is unknown.
    """
    units = _words(cell)[1]
    if units & COUNTED:
        raise ValueError("its times count frames: export them in seconds")
    return 1e-3 if units & MILLISECONDS else 60.0 if units & MINUTES else 1.0


def is_name(cell: str) -> bool:
    """Whether a header may use this name for a column."""
    return _words(cell)[0] in KNOWN or bool(_words(cell)[1] & COUNTED)


def unread(heading: Sequence[str], places: Mapping[str, int]) -> Iterator[str]:
    """The columns of a header that are not read, although they may matter."""
    for place, cell in enumerate(heading):
        if cell and place not in places.values() and _words(cell)[0] not in UNREAD:
            yield cell
