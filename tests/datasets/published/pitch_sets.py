"""Sets of notes and melodies in miniature."""

import json

from published_formats import Layout, contour, lines, melody, midi, silence


def maestro():
    names = ["2018/Chamber3_10--1", "2004/Track_02"]
    songs = [
        {
            "canonical_composer": "Alban Berg",
            "canonical_title": "Sonata Op. 1",
            "split": split,
            "year": 2018,
            "midi_filename": f"{name}.midi",
            "audio_filename": f"{name}.wav",
            "duration": 4.0,
        }
        for name, split in zip(names, ("train", "train"), strict=True)
    ]
    notes = midi([(0.5, 1.0, 60), (0.5, 1.5, 64), (2.0, 3.0, 67)])
    group = "Alban Berg: Sonata Op. 1"
    return Layout(
        {
            name: {"midi": (f"{name}.midi", notes), "audio": (f"{name}.wav", silence(i))}
            for i, name in enumerate(names)
        },
        dict.fromkeys(("notes", "onset", "offset", "chroma"), ()),
        {
            ("note_midi", ""): [(0.5, 0.5, 60), (0.5, 1, 64), (2, 1, 67)],
            ("onset", ""): [(0.5, 0, None), (2, 0, None)],
        },
        dict.fromkeys(names, (group, "", "train")),
        beside={"maestro-v2.0.0.json": json.dumps(songs)},
    )


def slakh():
    """A piano, a bass and drums in the mix, and two stems that were not rendered."""
    played = {
        "S00": midi([(0.0, 0.5, 60), (0.7, 1.0, 64), (2.0, 3.0, 67)]),
        "S01": midi([(0.25, 0.3, 38)], drums=True),
        "S02": midi([(0.0, 1.0, 36)], program=33),
        "S03": midi([(3.0, 3.5, 72)], program=103),
    }
    rows, stems = {}, {}
    for number, part in enumerate(("train", "validation", "omitted"), 1):
        name = f"Track{number:05d}"
        folder = f"slakh2100_flac_redux/{part}/{name}"
        about = (f"{folder}/metadata.yaml", "stems: {}")
        rows[name] = {
            "mix": (f"{folder}/mix.flac", silence(number)),
            "midi": (f"{folder}/all_src.mid", midi([(3.0, 3.5, 72)])),
            "metadata": about,
        }
        stems[name] = {
            f"{name}-{stem}": {
                "audio": (None, "") if stem == "S03" else (f"{folder}/stems/{stem}.flac", b"..."),
                "midi": (f"{folder}/MIDI/{stem}.mid", content),
                "metadata": about,
            }
            for stem, content in played.items()
        }
    return Layout(
        rows,
        dict.fromkeys(("notes", "onset", "offset", "chroma", "instrument"), ()),
        {
            ("note_midi", ""): [(0, 0.5, 60), (0, 1, 36), (0.7, 0.3, 64), (2, 1, 67)],
            ("onset", ""): [(0, 0, None), (0.25, 0, None), (0.7, 0, None), (2, 0, None)],
            ("tag_open", "instrument"): [
                (0, 1, "bass"),
                (0, 1, "keys"),
                (0.25, 0.05, "drums"),
                (2, 1, "keys"),
            ],
        },
        {"Track00001": ("Track00001", "", "train"), "Track00002": ("Track00002", "", "validation")},
        stems=stems,
        version="2100-redux",
    )


def guitarset(mode, number):
    def found(namespace, rows, source="0"):
        data = [dict(zip(("time", "duration", "value"), row, strict=True)) for row in rows]
        return {
            "namespace": namespace,
            "data": data,
            "annotation_metadata": {"data_source": source},
        }

    strings = [[(0.5, 0.5, 40.25)], [], [(0.5, 1.0, 50.0)], [], [], []]
    beats = [(t, 0, {"position": i % 4 + 1}) for i, t in enumerate((0.0, 0.5, 1.0, 1.5, 2.0))]
    jams = {
        "annotations": [
            found("beat_position", beats),
            found("chord", [(0.0, 2.0, "G:maj"), (2.0, 2.0, "C:maj7")]),
            found("chord", [(0.0, 4.0, "G:maj(9)/3")]),
            found("key_mode", [(0.0, 4.0, "G:major")]),
            *(found("note_midi", rows, str(i)) for i, rows in enumerate(strings)),
        ]
    }
    name = f"0{number}_BN3-119-G_{mode}"
    audio = {
        f"audio_{key}": (f"audio_{folder}/{name}_{key}.wav", silence(number))
        for key, folder in (
            ("hex_cln", "hex-pickup_debleeded"),
            ("hex", "hex-pickup_original"),
            ("mic", "mono-mic"),
            ("mix", "mono-pickup_mix"),
        )
    }
    return name, audio | {"jams": (f"annotation/{name}.jams", json.dumps(jams))}


def guitars():
    (comp, comp_row), (solo, solo_row) = guitarset("comp", 3), guitarset("solo", 4)
    tasks = ("beat", "tempo", "key", "chord", "chord_large", "notes", "onset", "offset", "chroma")
    times = (0.0, 0.5, 1.0, 1.5, 2.0)
    return Layout(
        {comp: comp_row, solo: solo_row},
        dict.fromkeys(tasks, ()) | {"genre": ("Bossa Nova",)},
        {
            ("beat", ""): [(t, 0, i % 4 + 1) for i, t in enumerate(times)],
            ("tempo", ""): [(0, 4, 119)],
            ("key_mode", ""): [(0, 4, "G:major")],
            ("chord", ""): [(0, 2, "G:maj"), (2, 2, "C:maj7")],
            ("note_midi", ""): [(0.5, 0.5, 40.25), (0.5, 1, 50)],
            ("onset", ""): [(0.5, 0, None)],
            ("tag_open", "genre"): [(0, 4, "Bossa Nova")],
        },
        {comp: ("03", "Bossa Nova", ""), solo: ("04", "Bossa Nova", "")},
    )


def vocadito():
    f0 = [0.0, 220.0, 221.5, 0.0]
    notes = [(0.5, 440.0, 0.5), (1.1, 466.16, 0.4), (2.5, 440.0, 1.0)]
    singers = "track_id,singer_id,average_pitch,language\n1,S1,57,English\n"
    return Layout(
        {
            "1": {
                "audio": ("Audio/vocadito_1.wav", silence()),
                "f0": ("Annotations/F0/vocadito_1_f0.csv", melody(0.0058, f0)),
                "notesA1": ("Annotations/Notes/vocadito_1_notesA1.csv", lines(*notes, sep=",")),
                "notesA2": ("Annotations/Notes/vocadito_1_notesA2.csv", lines(*notes, sep=",")),
                "lyrics": ("Annotations/Lyrics/vocadito_1_lyrics.txt", "la la"),
            }
        },
        dict.fromkeys(("melody", "notes", "onset", "singing"), ()),
        {
            ("pitch_contour", ""): contour(0.0058, f0),
            ("note_midi", ""): [(0.5, 0.5, 69), (1.1, 0.4, 69.9999), (2.5, 1, 69)],
            ("onset", ""): [(0.5, 0, None), (1.1, 0, None), (2.5, 0, None)],
            ("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.5, 1.0, "voice")],
        },
        {"1": ("S1", "", "")},
        shared={"vocadito_metadata": ("vocadito_metadata.csv", singers)},
    )


def ikala():
    pitch = lines((0,), (69,), (57,), (0,))
    lyrics = lines((500, 900, "a"), (900, 1500, "b"), (2500, 3000, "c"), sep=" ")
    return Layout(
        {
            "10161_chorus": {
                "audio": ("Wavfile/10161_chorus.wav", silence()),
                "pitch": ("PitchLabel/10161_chorus.pv", pitch),
                "lyrics": ("Lyrics/10161_chorus.lab", lyrics),
                "notes_pyin": ("ikala-pyin-notes/10161_chorus_vamp_pyin_pyin_notes.csv", ""),
            }
        },
        dict.fromkeys(("melody", "singing"), ()),
        {
            ("pitch_contour", ""): contour(0.032, [0.0, 440.0, 220.0, 0.0], 0.016),
            ("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.5, 0.5, "voice")],
        },
        {"10161_chorus": ("singer3", "chorus", "")},
        shared={"id_mapping": ("id_mapping.txt", lines(("singer", "song"), ("singer3", "10161")))},
    )


def medleydb():
    name = "MusicDelta_Beethoven"
    pitches = [0.0, 440.0, 442.0]
    meta = {name: {"artist": "MusicDelta", "title": "Beethoven", "genre": "Classical"}}
    rows = {
        f"melody{n}": (f"melody{n}/{name}_MELODY{n}.csv", melody(0.0058, pitches))
        for n in (1, 2, 3)
    }
    return Layout(
        {name: {"audio": (f"audio/{name}_MIX.wav", silence())} | rows},
        {"melody": (), "genre": ("Classical",)},
        {("pitch_contour", ""): contour(0.0058, pitches)},
        {name: ("MusicDelta", "Classical", "")},
        shared={"medleydb_melody_metadata": ("medleydb_melody_metadata.json", json.dumps(meta))},
    )


def orchset():
    name = "Beethoven-S3-I-ex1"
    pitches = [0, 622.25, 622.25]
    head = ["excerpt", "instruments", *(f"column {i}" for i in range(7))]
    table = lines(head, [f"{name}.mel", "string+winds (solo)", *["TRUE"] * 7], sep=",")
    return Layout(
        {
            name: {
                "audio_stereo": (f"audio/stereo/{name}.wav", silence(1)),
                "audio_mono": (f"audio/mono/{name}.wav", silence()),
                "melody": (f"GT/{name}.mel", melody(0.01, pitches, "\t")),
            }
        },
        {"melody": ()},
        {("pitch_contour", ""): contour(0.01, pitches)},
        {name: ("Beethoven: S3-I", "", "")},
        shared={"predominant": ("Orchset - Predominant Melodic Instruments.csv", table)},
    )
