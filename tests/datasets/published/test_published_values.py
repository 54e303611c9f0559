"""deepmir reads the same values from every published set as mirdata's own objects have."""

import math

import layouts
import numpy as np
import pytest
from layouts import LAYOUTS
from mirdata import annotations as theirs
from published_formats import SECONDS

from deepmir.datasets.published.home import quiet
from deepmir.datasets.published.reading import read

BEAT, TEMPO, CHORD, KEY = ("beat", ""), ("tempo", ""), ("chord", ""), ("key_mode", "")
SECTION, PITCH = ("segment_open", ""), ("pitch_contour", "")
NOTE, ONSET = ("note_midi", ""), ("onset", "")
GENRE, TAGS, PLAYED = ("tag_open", "genre"), ("tag_open", "tags"), ("tag_open", "instrument")
VOICE, CLASS = ("tag_open", "voice"), ("pitch_class", "")

# For each loader, mirdata's attribute, or a function of mirdata's track, for each annotation.
OWN = {
    "ballroom": {BEAT: "beats", TEMPO: "tempo", GENRE: "genre"},
    "beatles": {BEAT: "beats", CHORD: "chords", KEY: "key", SECTION: "sections"},
    "beatport_key": {
        TEMPO: "tempo",
        KEY: lambda t: whole(t.key[0].capitalize().replace(" ", ":")),
        GENRE: lambda t: whole(*t.genres["genres"]),
    },
    "billboard": {CHORD: "chords_full"},
    "brid": {BEAT: "beats", TEMPO: "tempo"},
    "candombe": {BEAT: "beats"},
    "cante100": {PITCH: "melody", VOICE: "notes"},
    "compmusic_carnatic_rhythm": {BEAT: "beats"},
    "compmusic_carnatic_varnam": {BEAT: "taala", SECTION: "sections", GENRE: "raaga"},
    "compmusic_hindustani_rhythm": {BEAT: "beats"},
    "compmusic_iamms": {PITCH: "pitch"},
    "compmusic_indian_tonic": {GENRE: "tradition"},
    "compmusic_jingju_acappella": {VOICE: "phrase"},
    "compmusic_raga": {PITCH: "pitch", GENRE: "raga"},
    "cuidado": {BEAT: "beats", TEMPO: "tempo"},
    "dagstuhl_choirset": {BEAT: "beat", NOTE: "notes", ONSET: "notes", VOICE: "notes"},
    "dali": {VOICE: "words", TAGS: lambda t: whole(*t.genres)},
    "egfxset": {TAGS: "effect", CLASS: lambda t: tone(t.midinote.pitches[0])},
    "filosax": {NOTE: lambda t: [played(n) for n in t.notes]},
    "fma_keys": {KEY: lambda t: whole(f"{t.key}:{t.mode.lower()}")},
    "four_way_tabla": {ONSET: lambda t: strokes(t.onsets_b, t.onsets_d, t.onsets_rb)},
    "freesound_one_shot_percussive_sounds": {TAGS: lambda t: whole(*t.tags)},
    "giantsteps_key": {TEMPO: "tempo", GENRE: lambda t: whole(*t.genres["genres"])},
    "giantsteps_tempo": {TEMPO: "tempo_v2", GENRE: "genre"},
    "good_sounds": {CLASS: lambda t: tone(t.semitone)},
    "groove_midi": {TEMPO: "tempo", ONSET: lambda t: starts(t.midi)},
    "gtzan_genre": {BEAT: "beats", GENRE: "genre"},
    "guitarset": {BEAT: "beats", CHORD: "leadsheet_chords", NOTE: "notes_all", GENRE: "style"},
    "hainsworth": {BEAT: "beats", TEMPO: "tempo"},
    "idmt_smt_audio_effects": {CLASS: lambda t: tone(t.midi_nr)},
    "ikala": {PITCH: "f0", VOICE: "lyrics"},
    "irmas": {PLAYED: lambda t: whole(*({"cla": "clarinet"}[code] for code in t.instrument))},
    "jtd": {BEAT: "beats", TEMPO: "tempo"},
    "maestro": {NOTE: "notes", ONSET: "notes"},
    "mdb_stem_synth": {PITCH: "f0"},
    "medley_solos_db": {PLAYED: "instrument"},
    "medleydb_melody": {PITCH: "melody2", GENRE: "genre"},
    "medleydb_pitch": {PITCH: "pitch", GENRE: "genre"},
    "mridangam_stroke": {TAGS: "stroke_name"},
    "mtg_jamendo_autotagging_moodtheme": {TAGS: lambda t: whole(*t.tags)},
    "openmic2018": {TAGS: lambda t: whole(*t.genres)},
    "orchset": {PITCH: "melody"},
    "phenicx_anechoic": {NOTE: "notes", ONSET: "notes"},
    "queen": {CHORD: "chords", KEY: "key", SECTION: "sections"},
    "rwc_classical": {BEAT: "beats", SECTION: "sections"},
    "rwc_jazz": {BEAT: "beats", SECTION: "sections"},
    "rwc_popular": {
        BEAT: "beats",
        TEMPO: lambda t: whole(float(t.tempo)),
        CHORD: "chords",
        SECTION: "sections",
    },
    "salami": {GENRE: "broad_genre", SECTION: lambda t: t.sections_uppercase.annotations[0]},
    "saraga_carnatic": {
        PITCH: "pitch",
        SECTION: "sections",
        TEMPO: lambda t: whole(t.tempo["tempo_bpm"]),
    },
    "saraga_hindustani": {
        PITCH: "pitch",
        SECTION: "sections",
        TEMPO: lambda t: whole(t.tempo["Khyal"]["tempo"]),
    },
    "scms": {PITCH: "pitch", VOICE: "activations"},
    "simac": {BEAT: "beats", TEMPO: "tempo"},
    "slakh": {NOTE: lambda t: [row for stem in t.tracks.values() for row in sounding(stem)]},
    "tinysol": {CLASS: lambda t: tone(t.pitch_id)},
    "tonality_classicaldb": {KEY: lambda t: whole(t.key.replace("\t", ":").replace(" ", ":"))},
    "tonas": {PITCH: "f0_corrected", NOTE: "notes", ONSET: "notes", VOICE: "notes"},
    "vocadito": {PITCH: "f0", NOTE: "notes_a1", ONSET: "notes_a1"},
}


def whole(*values):
    """Rows for the whole recording."""
    return [(0.0, SECONDS, value) for value in values]


def tone(number):
    return whole({"tonic": "C", "pitch": int(number) % 12})


def played(note):
    return note.a_start_time, note.a_end_time - note.a_start_time, note.midi_pitch


def strokes(*kinds):
    return [(t, 0.0, None) for t in sorted({time for kind in kinds for time in kind.times})]


def starts(midi):
    return [(n.start, 0.0, None) for part in midi.instruments for n in part.notes]


def sounding(stem):
    return [] if stem.audio_path is None or stem.notes is None else rows(stem.notes, NOTE)


def rows(data, key):
    """Time, duration and value of everything in a mirdata object."""
    if isinstance(data, list):
        return data
    if isinstance(data, str | float | int):
        return whole(data)
    if isinstance(data, theirs.BeatData):
        bars = data.positions is not None and data.position_unit == "bar_index"
        places = data.positions if bars else [None] * len(data.times)
        pairs = zip(data.times, places, strict=True)
        return [(t, 0.0, p) for t, p in pairs if math.isfinite(t)]
    if isinstance(data, theirs.F0Data):
        points = zip(data.times, data.frequencies, data.voicing, strict=True)
        return [(t, 0.0, {"frequency": f, "index": 0, "voiced": v > 0}) for t, f, v in points]
    return spanned(data, [(a, b - a) for a, b in data.intervals], key)


def spanned(data, spans, key):
    if key == ONSET:
        return [(t, 0.0, None) for t in sorted({a for a, _ in spans})]
    if key == VOICE:
        said = getattr(data, "lyrics", spans)
        return [(*span, "voice") for span, word in zip(spans, said, strict=True) if word]
    if isinstance(data, theirs.TempoData):
        return whole(*data.tempos)
    return [(*span, value) for span, value in zip(spans, values_of(data), strict=True)]


def values_of(data):
    if isinstance(data, theirs.KeyData):
        return [key if ":" in key else f"{key}:major" for key in data.keys]
    if not isinstance(data, theirs.NoteData):
        return data.labels
    return data.pitches if data.pitch_unit == "midi" else 69 + 12 * np.log2(data.pitches / 440)


def touching(values):
    """Spans with the short gaps between them closed, as for singing."""
    found = []
    for start, length, value in values:
        if found and start - sum(found[-1][:2]) <= 0.5:
            first = found.pop()[0]
            found.append((first, start + length - first, value))
        else:
            found.append((start, length, value))
    return found


def test_every_loader_is_compared():
    assert set(OWN) == set(LAYOUTS)


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, keys in OWN.items() for key in keys]
)
def test_the_values_are_those_of_mirdata(tmp_path, name, key):
    home = layouts.write(tmp_path, name).fetched()
    track, own = home.names[0], OWN[name][key]
    with quiet():
        said = home.track(track)
        wanted = rows(own(said) if callable(own) else getattr(said, own), key)
    if key == VOICE:
        wanted = touching(wanted)
    if key == SECTION:
        wanted = [row for row in wanted if row[1] > 0]
    found = read(home, track, home.recordings(track)[0].path).first(*key)
    got = [(o.time, o.duration, o.value) for o in found.observations]
    # Of notes that begin together, each has an order of its own.
    pairs = (sorted(each, key=lambda r: (round(r[0], 3), str(r[2]))) for each in (got, wanted))
    for mine, other in zip(*pairs, strict=True):
        assert mine[:2] == pytest.approx(other[:2], abs=1e-3)
        assert mine[2] == other[2] or mine[2] == pytest.approx(other[2], rel=1e-4)
