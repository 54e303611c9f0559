"""The data set `kml`: pieces by Kevin MacLeod with the words, genre and tempo of his catalogue.

Run before snakemake, from this folder: ``python kml.py``. `kml.csv` has the data of the catalogue
(https://github.com/lonestriker/incompetech-music-browser, commit b7bff72c) and the public
repository with the recording. The music is "<title>" by Kevin MacLeod (incompetech.com), licensed
under Creative Commons: By Attribution 3.0.
"""

from collections import defaultdict
from pathlib import Path

from from_git import files
from own_folder import SOURCES, Piece, read_table, write

from deepmir.files import decoding
from deepmir.files.annotations import Annotation, Observation
from deepmir.tasks.shared import tags

MADE = SOURCES / "kml"
TABLE = Path(__file__).with_name("kml.csv")
LONGEST = 75.0  # s, from a quarter of the piece on
KINDS = {"words": "tags", "genre": "genre", "instruments": "instrument"}


def rows() -> list[dict[str, str]]:
    """What the catalogue says of every piece, and where the recording is."""
    return read_table(TABLE)


def piece(row: dict[str, str], path: Path) -> Piece:
    """A passage of a piece, with what the catalogue says of the whole."""
    samples, rate = decoding.whole(path)
    start = len(samples) // 4
    samples = samples[start : start + round(LONGEST * rate)].mean(axis=1)
    seconds = len(samples) / rate
    said = [
        tags.annotation(
            kind, [Observation(0.0, seconds, word, 1.0) for word in row[column].split("; ")]
        )
        for column, kind in KINDS.items()
        if row[column]
    ]
    if row["tempo"]:
        said.append(Annotation("tempo", (Observation(0.0, seconds, float(row["tempo"]), 1.0),)))
    about = (row["title"], "Kevin MacLeod", row["group"], "CC BY 3.0")
    return Piece(row["name"], samples, rate, tuple(said), *about)


def main() -> None:
    """Get every recording, and write the passages with the table of their groups."""
    wanted = defaultdict(list)
    for row in rows():
        wanted[row["repository"], row["commit"]].append(row["path"])
    homes = {source: files(*source, paths) for source, paths in wanted.items()}
    write(
        MADE,
        [piece(row, homes[row["repository"], row["commit"]] / row["path"]) for row in rows()],
    )


if __name__ == "__main__":
    main()
