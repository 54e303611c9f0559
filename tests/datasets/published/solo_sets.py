"""Sets of single voices, stems and single sounds in miniature."""

import gzip
import json
import pickle
from types import SimpleNamespace

from published_formats import Layout, contour, lines, melody, silence

PITCHES = [0.0, 220.0, 221.5]
NOTES = {
    ("note_midi", ""): [(0.5, 0.5, 69), (2, 1, 57)],
    ("onset", ""): [(0.5, 0, None), (2, 0, None)],
}


def tone(number):
    return {("pitch_class", ""): [(0, 4, {"tonic": "C", "pitch": number})]}


def word(kind, *values):
    return {("tag_open", kind): [(0, 4, value) for value in values]}


def cante100():
    name = "008"
    stem = "008_PacoToronjo_Fandangos"
    track = (
        '<song id="8"><musicBrainzID>m</musicBrainzID><artist>Toronjo</artist>'
        "<title>Fandangos</title><anthology>A</anthology>"
        "<duration_m>0</duration_m><duration_s>4</duration_s></song>"
    )
    return Layout(
        {
            name: {
                "audio": (f"cante100audio/{stem}.mp3", silence()),
                "spectrum": (f"cante100_spectrum/{stem}.spectrum.csv", ""),
                "f0": (
                    f"cante100midi_f0/{stem}.f0.csv",
                    lines((0.0, -110.0), (0.0029, 220.0), sep=","),
                ),
                "notes": (
                    f"cante100_automaticTranscription/{stem}.notes.csv",
                    lines((0.5, 1.0, 60), (2.5, 0.5, 62), sep=","),
                ),
            }
        },
        {"melody": (), "singing": ()},
        {
            ("pitch_contour", ""): [
                (0, 0, {"frequency": 110.0, "index": 0, "voiced": False}),
                (0.0029, 0, {"frequency": 220.0, "index": 0, "voiced": True}),
            ],
            ("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.5, 0.5, "voice")],
        },
        {name: ("Toronjo", "", "")},
        shared={"cante100Meta": ("cante100Meta.xml", f"<songs>{track}</songs>")},
    )


def jingju():
    name = "lseh-Tan_Yang_jia-Hong_yang_dong-qm"
    phrases = lines((0.0, 0.5, "sil"), (0.5, 1.5, "wei guo jia"), (2.5, 3.0, "an dong"))
    rest = ("phoneme", "phrase_char", "syllable")
    return Layout(
        {
            name: {
                "audio": (f"wav/laosheng/{name}.wav", silence()),
                "phrase": (f"annotation_txt/{name}_phrase.txt", phrases),
                **{key: (f"annotation_txt/{name}_{key}.txt", phrases) for key in rest},
            }
        },
        {"singing": ()},
        {("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.5, 0.5, "voice")]},
        {name: ("Hong yang dong", "", "")},
        beside={
            "catalogue - laosheng.csv": lines(
                ("recording", "work", "x", "details"), (name, "Hong yang dong", "", ""), sep=","
            )
        },
    )


def tonas():
    f0 = lines((0.0, 0.1, 220.0, 0.0), (0.0058, 0.2, 0.0, 220.0))
    return Layout(
        {
            "01-D_AMairena": {
                "audio": ("Deblas/01-D_AMairena.wav", silence()),
                "f0": ("Deblas/01-D_AMairena.f0.Corrected", f0),
                "notes": (
                    "Deblas/01-D_AMairena.notes.Corrected",
                    lines((0,), (0.5, 0.5, 69, 0.1), (2, 1, 57, 0.2), sep=","),
                ),
            }
        },
        dict.fromkeys(("melody", "notes", "onset", "offset", "singing"), ())
        | {"genre": ("Debla",)},
        NOTES
        | word("genre", "Debla")
        | {
            ("pitch_contour", ""): [
                (0, 0, {"frequency": 0.0, "index": 0, "voiced": False}),
                (0.0058, 0, {"frequency": 220.0, "index": 0, "voiced": True}),
            ],
            ("tag_open", "voice"): [(0.5, 0.5, "voice"), (2, 1, "voice")],
        },
        {"01-D_AMairena": ("Mairena", "Debla", "")},
        beside={
            "TONAS-Metadata.txt": lines(("01-D_AMairena.wav", "Debla", "En el barrio", "Mairena"))
        },
    )


def dali():
    """Its annotations are pickles, which mirdata opens if their checksum is right."""
    said = [(0.5, 1.5, "hello"), (2.5, 3.0, "world")]
    rows = [{"freq": [440.0, 440.0], "time": [a, b], "text": text} for a, b, text in said]
    entry = SimpleNamespace(annotations={"annot": {"words": rows, "notes": rows}})
    about = {"artist": "Ann", "title": "Song", "metadata": {"genres": ["Pop", "Rock"]}}
    return Layout(
        {
            "4b196e": {
                "audio": ("audio/4b196e.mp3", silence()),
                "annot": ("annotations/4b196e.gz", gzip.compress(pickle.dumps(entry), mtime=0)),
            }
        },
        {"singing": (), "tagging": ("Pop", "Rock")},
        word("tags", "Pop", "Rock")
        | {("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.5, 0.5, "voice")]},
        {"4b196e": ("Ann", "", "")},
        beside={"dali_metadata.json": json.dumps({"4b196e": about})},
    )


def choir():
    """The Dagstuhl ChoirSet: two singers, one of them without notes."""
    name = "DCS_LI_QuartetA_Take04"
    keys = [f"audio_{key}" for key in ("stm", "str", "stl", "rev", "spl", "spr")]
    mix = {key: (f"audio/{name}_{key}.wav", silence(i)) for i, key in enumerate(keys)}
    beats = lines((0.5, 1.0), (1.0, 1.25), (1.5, 1.5), (2.0, 2.0), sep=",")
    microphones = ("dyn", "hsm", "lrx")
    empty = [f"audio_{m}" for m in microphones]
    empty += [f"f0_{how}_{m}" for how in ("crepe", "pyin") for m in microphones]
    singer = dict.fromkeys((*empty, "f0_manual_lrx", "score"), (None, ""))
    score = (f"annotations_csv_scorerepresentation/{name}_S1.csv",)
    score += (lines((0.5, 1.0, 69), (2.0, 3.0, 57), sep=","),)
    return Layout(
        {name: mix | {"beat": (f"annotations_csv_beat/{name}.csv", beats)}},
        dict.fromkeys(("beat", "notes", "onset", "offset", "singing"), ()),
        NOTES
        | {
            ("beat", ""): [(0.5, 0, 1), (1, 0, 2), (1.5, 0, 3), (2, 0, 1)],
            ("tag_open", "voice"): [(0.5, 0.5, "voice"), (2, 1, "voice")],
        },
        {name: ("LI", "", "")},
        stems={name: {f"{name}_S1": singer | {"score": score}, f"{name}_B2": singer}},
    )


def filosax():
    """The band has no annotations of its own, and is left out."""

    def row(stem, number, notes=None):
        files = dict.fromkeys(("midi", "musicXML", "pdf"), (None, ""))
        files["annotation"] = (f"{stem}/annotations.json", notes) if notes else (None, "")
        return files | {"audio": (f"{stem}/Sax.wav", silence(number))}

    keys = ("a_start_time", "a_end_time", "midi_pitch")
    played = [dict(zip(keys, row, strict=True)) for row in ((0.5, 1.0, 69), (2.0, 3.0, 57))]
    name = "multitrack_01"
    return Layout(
        {
            f"{name}_sax_1": row("Participant 1/01", 1, json.dumps({"notes": played})),
            f"{name}_bass_drums": row("Backing/01", 2),
        },
        dict.fromkeys(("notes", "onset", "offset", "instrument"), ()),
        NOTES | word("instrument", "saxophone"),
        {f"{name}_sax_1": (name, "", "")},
        mixes={name: {"annotations": ("Backing/01/annotations.jams", "{}")}},
    )


def phenicx():
    """Two horns are mixed; there is one double bass."""

    def row(instrument, *voices):
        notes = lines((0.5, 1.0, "A4"), (2.0, 3.0, "A3"), sep=",")
        where = f"annotations/beethoven/{instrument}"
        return {
            f"audio_{v}": (f"audio/beethoven/{v}.wav", silence(10 + i))
            for i, v in enumerate(voices)
        } | {"notes": (f"{where}.txt", notes), "notes_original": (f"{where}_o.txt", notes)}

    return Layout(
        {
            "beethoven-horn": row("horn", "horn1", "horn2"),
            "beethoven-doublebass": row("doublebass", "doublebass"),
        },
        dict.fromkeys(("notes", "onset", "offset", "instrument"), ()),
        NOTES | word("instrument", "french horn"),
        dict.fromkeys(("beethoven-horn", "beethoven-doublebass"), ("beethoven", "", "")),
        mixes={"beethoven": {}},
    )


def mdb_stem_synth():
    name = "AClassicEducation_NightOwl_STEM_08"
    return Layout(
        {
            name: {
                "audio": (f"audio_stems/{name}.RESYN.wav", silence()),
                "f0": (f"annotation_stems/{name}.RESYN.csv", melody(0.0029, PITCHES)),
            }
        },
        {"melody": ()},
        {("pitch_contour", ""): contour(0.0029, PITCHES)},
        {name: (name, "", "")},
    )


def medleydb_pitch():
    name = "AClassicEducation_NightOwl_STEM_08"
    about = {"artist": "Owl", "title": "Night", "genre": "Indie", "instrument": "male singer"}
    return Layout(
        {
            name: {
                "audio": (f"audio/{name}.wav", silence()),
                "pitch": (f"pitch/{name}.csv", melody(0.0058, PITCHES)),
                "notes_pyin": (None, ""),
            }
        },
        {"melody": (), "instrument": (), "genre": ("Indie",)},
        word("instrument", "voice")
        | word("genre", "Indie")
        | {("pitch_contour", ""): contour(0.0058, PITCHES)},
        {name: ("Owl", "Indie", "")},
        beside={"medleydb_pitch_metadata.json": json.dumps({name: about})},
    )
