"""Homes of published sets in miniature, in the layout of each."""

import importlib
import json

import harmony_sets
import pitch_sets
import rhythm_sets
import tag_sets
from published_formats import encoded, pair

from deepmir.datasets.published.dataset import Mirdata

LAYOUTS = {
    "ballroom": rhythm_sets.ballroom(),
    "beatles": harmony_sets.beatles(),
    "beatport_key": harmony_sets.edm("keys"),
    "billboard": harmony_sets.billboard(),
    "giantsteps_key": harmony_sets.edm("keys_gs+"),
    "giantsteps_tempo": rhythm_sets.giantsteps_tempo(),
    "groove_midi": rhythm_sets.groove(),
    "gtzan_genre": rhythm_sets.gtzan(),
    "guitarset": pitch_sets.guitars(),
    "hainsworth": rhythm_sets.hainsworth(),
    "ikala": pitch_sets.ikala(),
    "irmas": tag_sets.irmas(),
    "maestro": pitch_sets.maestro(),
    "medleydb_melody": pitch_sets.medleydb(),
    "mtg_jamendo_autotagging_moodtheme": tag_sets.jamendo(),
    "orchset": pitch_sets.orchset(),
    "queen": harmony_sets.queen(),
    "rwc_classical": rhythm_sets.rwc(
        "C",
        "rwc-c",
        [
            "Piece No.",
            "Cat. Suffix",
            "Tr. No.",
            "Title",
            "Composer",
            "Artist",
            "Length",
            "Category",
        ],
        ["No. 1", "M01", "Tr. 01", "Symphony no.94", "Haydn", "Tokyo", "7:49", "Symphony"],
        "Haydn",
    ),
    "rwc_jazz": rhythm_sets.rwc(
        "J",
        "rwc-j",
        ["No.", "Suffix", "Tr.", "Title", "Artist", "Length", "Variation", "Instruments"],
        ["No. 1", "M01", "Tr. 01", "Jive", "Makoto", "2:17", "Solo", "Pf"],
        "Makoto",
    ),
    "rwc_popular": rhythm_sets.rwc_popular(),
    "salami": harmony_sets.salami(),
    "slakh": pitch_sets.slakh(),
    "tonality_classicaldb": harmony_sets.tonality(),
    "vocadito": pitch_sets.vocadito(),
}


def write(home, name, version="default", **fields):
    """Write a set as its authors publish it, with mirdata's index; returns its declaration."""
    layout = LAYOUTS[name]
    files = {
        path: content for row in layout.rows.values() for path, content in row.values() if path
    }
    files |= dict(layout.shared.values()) | layout.beside
    for path, content in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(encoded(content))
    write_index(home, name, layout.rows, version)
    return declared(home, name, version=version, **fields)


def declared(home, name, **fields):
    return Mirdata(source="mirdata", name=name, home=home, **({"shards": 1} | fields))


def index_file(home, name, version="default"):
    indexes = importlib.import_module(f"mirdata.datasets.{name}").INDEXES
    found = indexes[version]
    return home / (indexes[found] if isinstance(found, str) else found).filename


def write_index(home, name, rows, version="default"):
    layout = LAYOUTS[name]
    table = {track: {k: pair(*v) for k, v in row.items()} for track, row in rows.items()}
    index = {"version": "2100-redux" if name == "slakh" else "1", "tracks": table}
    if layout.multitracks:
        index["multitracks"] = {t: {**row, "tracks": []} for t, row in table.items()}
        index["tracks"] = {}
    if layout.shared:
        index["metadata"] = {key: pair(*value) for key, value in layout.shared.items()}
    index_file(home, name, version).write_text(json.dumps(index))
