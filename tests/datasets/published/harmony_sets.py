"""Sets of keys, chords and sections in miniature."""

import json

from published_formats import Layout, lines, silence


def edm(folder):
    """GiantSteps key and Beatport: a key, and the shop's metadata of the track."""

    def row(number, key, artist, bpm=128):
        stem = f"{number} {artist} - Song (Original Mix)"
        meta = {"bpm": bpm, "artists": [{"name": artist}], "genres": [{"name": "House"}]}
        meta["sub_genres"] = []
        return {
            "audio": (f"audio/{stem}.mp3", silence(number)),
            "meta": (f"meta/{stem}.json", json.dumps(meta)),
            "key": (f"{folder}/{stem}.txt", key),
        }

    return Layout(
        rows={
            "1": row(1, "d minor", "Ann"),
            "2": row(2, "C minor|Eb major", "Bob", bpm=0),
            "3": row(3, "Ab major", "Ann"),
        },
        tasks={"key": (), "tempo": (), "genre": ("House",)},
        said={
            ("key_mode", ""): [(0, 4, "D:minor")],
            ("tempo", ""): [(0, 4, 128)],
            ("tag_open", "genre"): [(0, 4, "House")],
        },
        member={"1": ("Ann", "D:minor", ""), "2": ("Bob", "", ""), "3": ("Ann", "Ab:major", "")},
    )


def tonality():
    name = "01-Allegro__Gloria_in_excelsis_Deo_in_D_Major - D"
    keys = {
        "audio": (f"audio/{name}.wav", silence()),
        "key": (f"keys/{name}.txt", "D\tmajor\n"),
        "spectrum": (f"spectrums/{name}.json", "{}"),
        "mb": (f"musicbrainz_metadata/{name}.json", "{}"),
        "HPCP": (f"HPCPs/{name}.json", "{}"),
    }
    return Layout(
        {"0": keys},
        {"key": ()},
        {("key_mode", ""): [(0, 4, "D:major")]},
        {"0": ("0", "D:major", "")},
    )


def isophonics(band, track, album, song, beat=None):
    """The layout of Beatles and Queen: chords, keys and sections in Isophonics' format."""
    stem = f"{band}/{album}/{song}"
    chords = lines((0.0, 1.0, "N"), (1.0, 3.0, "E:min7/b3"), (3.0, 3.9, "A:sus4(b7)"))
    keys = lines((0.0, 0.5, "Silence"), (0.5, 1.5, "Key", "C:mixolydian"), (1.5, 3.9, "Key", "E"))
    sections = lines((0.0, 0.5, "_", "silence"), (0.5, 2.0, "_", "verse"), (2.0, 3.9, "_", "verse"))
    row = {
        "audio": (f"audio/{album}/{song}.wav", silence(len(track))),
        "chords": (f"annotations/chordlab/{stem}.lab", chords),
        "keys": (f"annotations/keylab/{stem}.lab", keys),
        "sections": (f"annotations/seglab/{stem}.lab", sections),
    }
    if beat is not None:
        row["beat"] = (f"annotations/beat/{stem}.txt", beat) if beat else (None, "")
    said = {
        ("chord", ""): [(0, 1, "N"), (1, 2, "E:min7/b3"), (3, 0.9, "A:sus4(b7)")],
        ("key_mode", ""): [(0.5, 1, "C:mixolydian"), (1.5, 2.4, "E:major")],
        ("segment_open", ""): [(0, 0.5, "silence"), (0.5, 1.5, "verse"), (2, 1.9, "verse")],
    }
    return {track: row}, said


def beatles():
    beat = lines((0.5, 4), (1.0, "New Point"), (1.5, 2), (2.0, 3), (2.5, 4), (3.0, 1))
    first, said = isophonics("The Beatles", "0111", "01_-_Please_Please_Me", "11_-_Secret", beat)
    rest, _ = isophonics("The Beatles", "10212", "10CD2_-_The_Beatles", "12_-_Revolution_9", "")
    positions = zip((0.5, 1.0, 1.5, 2.0, 2.5, 3.0), (4, 1, 2, 3, 4, 1), strict=True)
    return Layout(
        first | rest,
        dict.fromkeys(("beat", "chord", "chord_large", "key", "structure"), ()),
        said | {("beat", ""): [(t, 0, p) for t, p in positions]},
        {"0111": ("0111", "", ""), "10212": ("10212", "", "")},
    )


def queen():
    rows, said = isophonics("Queen", "0", "Greatest Hits I", "01 Bohemian Rhapsody")
    tasks = dict.fromkeys(("chord", "chord_large", "key", "structure"), ())
    return Layout(rows, tasks, said, {"0": ("0", "", "")})


def billboard():
    salami = lines(
        ("# title: I Don't Mind",),
        ("# artist: James Brown",),
        ("# metre: 6/8",),
        ("# tonic: C",),
        (),
        (0.0, "silence"),
        (0.5, "A, intro, | A:min | C:maj |"),
        (2.0, "B, verse, | D:min |, (voice"),
        (3.0, "| A:min |, (voice), x2"),
        (3.8, "silence"),
        (4.0, "end"),
    )
    chords = lines((0.0, 0.5, "N"), (0.5, 2.0, "A:min"), (2.0, 4.0, "D:hdim7/b7"))

    def row(number):
        folder = f"McGill-Billboard/{number:04d}"
        return {
            "audio": (f"audio/1960s/{number}/audio.flac", silence(number)),
            "salami": (f"{folder}/salami_chords.txt", salami),
            "bothchroma": (f"{folder}/bothchroma.csv", "0"),
            "tuning": (f"{folder}/tuning.csv", "0"),
            **{
                f"lab_{kind}": (f"{folder}/{kind}.lab", chords)
                for kind in ("full", "majmin7", "majmin7inv", "majmin", "majmininv")
            },
        }

    songs = lines(
        ["id", "chart_date", "target_rank", "actual_rank", "title", "artist", "peak", "weeks"],
        [3, "1961-07-03", 56, 57, "I Don't Mind", "James Brown", 47, 8],
        [35, "1971-04-17", 61, "", "Freedom", "James Brown", 59, 8],
        sep=",",
    )
    return Layout(
        {"3": row(3), "35": row(35)},
        dict.fromkeys(("chord", "chord_large", "structure"), ()),
        {
            ("chord", ""): [(0, 0.5, "N"), (0.5, 1.5, "A:min"), (2, 2, "D:hdim7/b7")],
            ("segment_open", ""): [(0.5, 1.5, "A"), (2.0, 2.0, "B")],
        },
        {"3": ("James Brown", "", ""), "35": ("James Brown", "", "")},
        beside={"billboard-2.0-index.csv": songs},
    )


def salami():
    root = "salami-data-public-hierarchy-corrections"

    def row(number, first, second):
        def text(annotator, rows):
            path = f"{root}/annotations/{number}/parsed/textfile{annotator}_uppercase.txt"
            return (path, lines(*rows)) if rows else (None, "")

        return {
            "audio": (f"audio/{number}.mp3", silence(number % 1000)),
            "annotator_1_uppercase": text(1, first),
            "annotator_2_uppercase": text(2, second),
            "annotator_1_lowercase": (None, ""),
            "annotator_2_lowercase": (None, ""),
        }

    first = [(0.0, "Silence"), (0.5, "A"), (2.0, "B"), (2.0, "B'"), (3.9, "End")]
    second = [(0.0, "Silence"), (0.6, "X"), (3.9, "End")]
    header = ["SONG_ID", *(f"column {i}" for i in range(1, 16))]
    entry = [
        "Codaich",
        5,
        8,
        "",
        264,
        "",
        "Title",
        "Pumpkins",
        "",
        37,
        45,
        "",
        "",
        "popular",
        "Alt",
    ]
    return Layout(
        {"2": row(2, first, second), "1015": row(1015, [], second)},
        {"structure": (), "genre": ("popular",)},
        {
            ("segment_open", ""): [(0, 0.5, "Silence"), (0.5, 1.5, "A"), (2, 1.9, "B'")],
            ("tag_open", "genre"): [(0, 4, "popular")],
        },
        {"2": ("Pumpkins", "popular", ""), "1015": ("Pumpkins", "popular", "")},
        beside={
            f"{root}/metadata/metadata.csv": lines(header, [2, *entry], [1015, *entry], sep=",")
        },
    )
