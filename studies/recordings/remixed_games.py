"""The data set `remixed-games`: game music without singing, and voices over it.

Run from this folder when `games` and musicnn's voices for it exist, and `sung-alone` and
`sung-test` are indexed: ``python remixed_games.py``. A piece is used if musicnn detects almost no
voice in it. The voices are stems of `eif` and people's voices sung by the renderer, of the same
part.
"""

import shutil
from pathlib import Path

from own_folder import ABOUT, RATE, SOURCES, read_table, write_table
from remixed import Voice, remix, rows_of, stems, voice_of

from deepmir.declarations import loading
from deepmir.declarations.data import files_of
from deepmir.declarations.schema import Params
from deepmir.files import audio

SOURCE, HEARD = SOURCES.with_name("games"), SOURCES.with_name("voices.csv")
MADE = SOURCES.with_name("remixed-games")
PEOPLE = {"train": "sung-alone", "validation": "sung-alone", "test": "sung-test"}
EXCERPT = 60.0  # s, of what musicnn has heard
VOICE = 0.55  # what its words for a voice add up to at most
TWICE = {"megaglest-data-romans.ogg"}  # the same as a piece of Wesnoth, in another part


def main() -> None:
    """Write an excerpt of every such piece, with a voice and without, and their table."""
    params = loading.load()
    voices = {part: _of_people(params, part) for part in PEOPLE}
    for part, of_stems in stems().items():
        # As many of the one kind as of the other are drawn.
        voices[part] += of_stems * max(1, len(voices[part]) // len(of_stems))
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    heard = {row["file"]: row for row in read_table(HEARD)}
    rows = []
    for row, part in rows_of(SOURCE, "games-tagged"):
        path, said = SOURCE / row["file"], heard[row["file"]]
        if path.name not in TWICE and float(said["voice"]) < VOICE:
            music = audio.load(path, RATE, float(said["start"]), EXCERPT)
            rows += remix(MADE / path.stem, music, RATE, voices[part], row)
    write_table(MADE, [tuple(row[key] for key in ABOUT) for row in rows])
    print(f"{len(rows)} files")


def _of_people(params: Params, part: str) -> list[Voice]:
    """The tracks in which somebody sings alone."""
    tracks = getattr(files_of(params, PEOPLE[part]).read().divided, part)
    return [voice_of(audio.load(Path(t.audio), RATE), Path(t.annotations)) for t in tracks]


if __name__ == "__main__":
    main()
