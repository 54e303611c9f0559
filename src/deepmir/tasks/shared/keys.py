"""The 24 keys and their spellings, apart from the task: its metrics do not affect readers."""

from deepmir.tasks.shared.harte import ROOTS

MODES = ("major", "minor")
LABELS = tuple(f"{tonic}:{mode}" for mode in MODES for tonic in ROOTS)
ENHARMONIC = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb", "Cb": "B", "E#": "F"}
ENHARMONIC |= {"B#": "C", "Fb": "E"}


def label_index(value: str) -> int | None:
    """Index in :data:`LABELS` of a JAMS `key_mode` value such as `Db:minor`.

    None if it is not one of the 24 keys: no tonic, or a church mode.
    """
    label = one_spelling(value)
    return LABELS.index(label) if label in LABELS else None


def one_spelling(value: str) -> str:
    """The value with its tonic spelled as in :data:`LABELS`."""
    tonic, colon, mode = value.partition(":")
    return f"{ENHARMONIC.get(tonic, tonic)}{colon}{mode}"
