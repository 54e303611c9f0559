"""Homes of published sets in miniature, in their own layouts."""

import json
import sys
from types import ModuleType

import harmony_sets
import indian_sets
import pitch_sets
import rhythm_sets
import solo_sets
import sound_sets
import tag_sets
from published_formats import encoded, listed

from deepmir.datasets.published.dataset import Mirdata
from deepmir.datasets.published.home import initialize

# mirdata imports it for `dali`, and uses none of it.
DALI = sys.modules.setdefault("DALI", ModuleType("DALI"))
DALI.Annotations = getattr(DALI, "Annotations", None)

LAYOUTS = {
    "ballroom": rhythm_sets.ballroom(),
    "beatles": harmony_sets.beatles(),
    "beatport_key": harmony_sets.edm("keys"),
    "billboard": harmony_sets.billboard(),
    "brid": rhythm_sets.brid(),
    "candombe": rhythm_sets.candombe(),
    "cante100": solo_sets.cante100(),
    "compmusic_carnatic_rhythm": indian_sets.carnatic_rhythm(),
    "compmusic_carnatic_varnam": indian_sets.varnam(),
    "compmusic_hindustani_rhythm": indian_sets.hindustani_rhythm(),
    "compmusic_iamms": indian_sets.iamms(),
    "compmusic_indian_tonic": indian_sets.indian_tonic(),
    "compmusic_jingju_acappella": solo_sets.jingju(),
    "compmusic_raga": indian_sets.raga(),
    "cuidado": rhythm_sets.archive("C_1.0", "001", " "),
    "dagstuhl_choirset": solo_sets.choir(),
    "dali": solo_sets.dali(),
    "egfxset": sound_sets.egfxset(),
    "filosax": solo_sets.filosax(),
    "fma_keys": sound_sets.fma_keys(),
    "four_way_tabla": rhythm_sets.tabla(),
    "freesound_one_shot_percussive_sounds": sound_sets.freesound(),
    "giantsteps_key": harmony_sets.edm("keys_gs+"),
    "giantsteps_tempo": rhythm_sets.giantsteps_tempo(),
    "good_sounds": sound_sets.good_sounds(),
    "groove_midi": rhythm_sets.groove(),
    "gtzan_genre": rhythm_sets.gtzan(),
    "guitarset": pitch_sets.guitars(),
    "hainsworth": rhythm_sets.hainsworth(),
    "idmt_smt_audio_effects": sound_sets.idmt(),
    "ikala": pitch_sets.ikala(),
    "irmas": tag_sets.irmas(),
    "jtd": rhythm_sets.jtd(),
    "maestro": pitch_sets.maestro(),
    "mdb_stem_synth": solo_sets.mdb_stem_synth(),
    "medley_solos_db": sound_sets.medley_solos(),
    "medleydb_melody": pitch_sets.medleydb(),
    "medleydb_pitch": solo_sets.medleydb_pitch(),
    "mridangam_stroke": indian_sets.mridangam(),
    "mtg_jamendo_autotagging_moodtheme": tag_sets.jamendo(),
    "openmic2018": sound_sets.openmic(),
    "orchset": pitch_sets.orchset(),
    "phenicx_anechoic": solo_sets.phenicx(),
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
    "saraga_carnatic": indian_sets.saraga_carnatic(),
    "saraga_hindustani": indian_sets.saraga_hindustani(),
    "scms": indian_sets.scms(),
    "simac": rhythm_sets.archive("S_1.0", "BeatTracking_0"),
    "slakh": pitch_sets.slakh(),
    "tinysol": sound_sets.tinysol(),
    "tonality_classicaldb": harmony_sets.tonality(),
    "tonas": solo_sets.tonas(),
    "vocadito": pitch_sets.vocadito(),
}


def write(home, name, version="default", **fields):
    """Write a set in its published layout, with mirdata's index; returns its declaration."""
    layout = LAYOUTS[name]
    rows = [*layout.rows.values(), *layout.mixes.values(), layout.shared]
    rows += [row for each in layout.stems.values() for row in each.values()]
    files = {path: content for row in rows for path, content in row.values() if path}
    files |= layout.beside
    for path, content in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(encoded(content))
    write_index(home, name, layout.rows, version)
    return declared(home, name, version=version, **fields)


def declared(home, name, **fields):
    return Mirdata(source="mirdata", name=name, home=home, **({"shards": 1} | fields))


def index_file(home, name, version="default"):
    return home / initialize(name, home, version)._index_data.filename


def write_index(home, name, rows, version="default"):
    layout = LAYOUTS[name]
    index = {"version": layout.version, "tracks": {k: listed(row) for k, row in rows.items()}}
    if layout.stems:
        stems = {stem: listed(row) for each in layout.stems.values() for stem, row in each.items()}
        mixes = {k: row | {"tracks": [*layout.stems[k]]} for k, row in index["tracks"].items()}
        index |= {"tracks": stems, "multitracks": mixes}
    if layout.mixes:
        index["multitracks"] = {
            name: {**listed(row), "tracks": [stem for stem in rows if stem.startswith(name)]}
            for name, row in layout.mixes.items()
        }
    if layout.shared:
        index["metadata"] = listed(layout.shared)
    index_file(home, name, version).write_text(json.dumps(index))
