"""Sets of beats and tempo in miniature."""

import json

from published_formats import BEATS_SAID, Layout, lines, midi, silence, tempo_and_beats


def ballroom():
    root = "B_1.0"

    def row(genre, name, number):
        where = f"{root}/annotations"
        recording = (f"{root}/audio/{genre}/{name}.wav", silence(number))
        return tempo_and_beats(
            recording, f"{where}/beats/{name}.beats", f"{where}/tempo/{name}.bpm", " "
        )

    names = ("Albums-AnaBelen_Veneo-01", "Albums-AnaBelen_Veneo-11", "Media-105901")
    album = "Albums-AnaBelen_Veneo"
    return Layout(
        {name: row("Waltz" if i else "ChaChaCha", name, i) for i, name in enumerate(names)},
        {"beat": (), "tempo": (), "genre": ("chachacha", "waltz")},
        BEATS_SAID | {("tag_open", "genre"): [(0, 4, "chachacha")]},
        {
            names[0]: (album, "chachacha", ""),
            names[1]: (album, "waltz", ""),
            names[2]: (names[2], "waltz", ""),
        },
    )


def gtzan():
    where = "gtzan_tempo_beat-main"

    def row(genre, number):
        stem = f"gtzan_{genre}_0000{number}"
        recording = f"gtzan_genre/genres/{genre}/{genre}.0000{number}.wav"
        beats, tempo = f"{where}/beats/{stem}.beats", f"{where}/tempo/{stem}.bpm"
        return tempo_and_beats((recording, silence(number)), beats, tempo)

    return Layout(
        {"hiphop.00000": row("hiphop", 0), "country.00001": row("country", 1)},
        {"beat": (), "tempo": (), "genre": ("country", "hip-hop")},
        BEATS_SAID | {("tag_open", "genre"): [(0, 4, "hip-hop")]},
        {
            "hiphop.00000": ("hiphop.00000", "hip-hop", ""),
            "country.00001": ("country.00001", "country", ""),
        },
    )


def giantsteps_tempo():
    root = "giantsteps-tempo-dataset-0b7d47ba8cae59d3535a02e3db69e2cf6d0af5bb"

    def jams(tempi, genre="trance"):
        tempo = [
            {"time": 0.0, "duration": 120.0, "value": bpm, "confidence": sure}
            for bpm, sure in tempi
        ]
        tags = {"data": [{"time": 0.0, "duration": 120.0, "value": genre, "confidence": 1.0}]}
        return json.dumps({"annotations": [{"data": tempo}, tags]})

    def row(number, tempi):
        name = f"{number}.LOFI"
        return {
            "audio": (f"audio/{name}.mp3", silence(number % 1000)),
            "annotation_v1": (f"{root}/annotations/jams/{name}.jams", jams([(140.0, 1.0)])),
            "annotation_v2": (f"{root}/annotations_v2/jams/{name}.jams", jams(tempi)),
        }

    return Layout(
        {"113": row(28952, [(137.5, 0.8), (68.75, 0.2)]), "3": row(3041381, [])},
        {"tempo": (), "genre": ("trance",)},
        {
            ("tempo", ""): [(0, 4, 137.5), (0, 4, 68.75)],
            ("tag_open", "genre"): [(0, 4, "trance")],
        },
        {"113": ("113", "trance", ""), "3": ("3", "trance", "")},
    )


def hainsworth():
    root = "H_1.0"
    where = f"{root}/annotations"
    recording = (f"{root}/audio/001.wav", silence())
    return Layout(
        {"001": tempo_and_beats(recording, f"{where}/beats/001.beats", f"{where}/tempo/001.bpm")},
        {"beat": (), "tempo": ()},
        BEATS_SAID,
        {"001": ("001", "", "")},
    )


def groove():
    head = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename"
    rows, table = {}, [[*head.split(","), "duration", "split"]]
    for number, style, meter, split, recorded in (
        (1, "funk/groove1", (6, 8), "test", True),
        (2, "rock", (4, 4), "train", True),
        (3, "rock", (4, 4), "validation", False),
    ):
        name = f"drummer1/eval_session/{number}"
        stem = f"{name}_{style.replace('/', '-')}_120_beat"
        struck = midi([(0.0, 0.1, 36), (0.75, 0.8, 38), (3.0, 3.1, 36)], True, 0, meter)
        rows[name] = {
            "midi": (f"{stem}.mid", struck),
            "audio": (f"{stem}.wav", silence(number)) if recorded else (None, ""),
        }
        table.append(
            [
                *("drummer1", "drummer1/eval_session", name, style, 120, "beat"),
                *("-".join(map(str, meter)), f"{stem}.mid", f"{stem}.wav" if recorded else ""),
                *(4.0, split),
            ]
        )
    return Layout(
        rows,
        {"beat": (), "onset": (), "tempo": (), "genre": ("funk", "rock")},
        {
            # A bar of 6/8 at 120 quarters a minute lasts 1.5 s and has two beats.
            ("beat", ""): [(0, 0, 1), (0.75, 0, 2), (1.5, 0, 1), (2.25, 0, 2), (3, 0, 1)],
            ("onset", ""): [(0, 0, None), (0.75, 0, None), (3, 0, None)],
            ("tempo", ""): [(0, 4, 120)],
            ("tag_open", "genre"): [(0, 4, "funk")],
        },
        {
            "drummer1/eval_session/1": ("drummer1--eval_session--1", "funk", "test"),
            "drummer1/eval_session/2": ("drummer1--eval_session--2", "rock", "train"),
        },
        beside={"info.csv": lines(*table, sep=",")},
    )


def rwc(letter, folder, header, row, group, extra=()):
    """A piece that begins in mid-bar, with beats in ticks and times in hundredths."""
    track = f"RM-{letter}001"
    where = f"annotations/AIST.RWC-MDB-{letter}-2001"
    ticks = (192, 288, 384, 96, 192, 288, 384)
    beats = lines(*((10 + 50 * i, 60 + 50 * i, tick) for i, tick in enumerate(ticks)))
    sections = lines((10, 210, "intro"), (210, 390, "chorus A"))
    return Layout(
        rows={
            track: {
                "audio": (f"audio/rwc-{letter.lower()}-m01/1.wav", silence()),
                "sections": (f"{where}.CHORUS/{track}.CHORUS.TXT", sections),
                "beats": (f"{where}.BEAT/{track}.BEAT.TXT", beats),
                **dict(extra),
            }
        },
        tasks={"beat": (), "structure": ()},
        said={
            ("beat", ""): [
                (0.1 + 0.5 * i, 0, place) for i, place in enumerate((3, 4, 1, 2, 3, 4, 1))
            ],
            ("segment_open", ""): [(0.1, 2.0, "intro"), (2.1, 1.8, "chorus A")],
        },
        member={track: (group, "", "")},
        beside={f"metadata-master/{folder}.csv": lines(["Piece No.", *header[1:]], row, sep=",")},
    )


def rwc_popular():
    where = "annotations/AIST.RWC-MDB-P-2001"
    chords = lines((0.0, 0.5, "N"), (0.5, 2.0, "Ab:min"), (2.0, 4.0, "Bb:maj(*3)"))
    leads = ("b", "m:withm", "f:withf", "s:electricguitar", "m:withm", "e")
    vocal = lines(*((0.5 * i, lead) for i, lead in enumerate(leads)))
    made = rwc(
        "P",
        "rwc-p",
        [
            *[
                "No.",
                "Suffix",
                "Tr.",
                "Title",
                "Artist",
                "Singer",
                "Length",
                "Tempo",
                "Instruments",
                "Drums",
            ]
        ],
        ["No. 1", "M01", "Tr. 01", "Eien", "Kazuo", "Male", "3:29", "135", "Gt", "Loops"],
        "Kazuo",
        {
            "chords": (f"{where}.CHORD/RWC_Pop_Chords/N001-M01-T01.lab", chords),
            "voca_inst": (f"{where}.VOCA_INST/RM-P001.VOCA_INST.TXT", vocal),
        }.items(),
    )
    return Layout(
        made.rows,
        made.tasks | {"chord": (), "chord_large": (), "singing": (), "tempo": ()},
        made.said
        | {
            ("chord", ""): [(0, 0.5, "N"), (0.5, 1.5, "Ab:min"), (2, 2, "Bb:maj(*3)")],
            ("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.0, 0.5, "voice")],
            ("tempo", ""): [(0, 4, 135)],
        },
        made.member,
        beside=made.beside,
    )


def archive(root, track, separator="\t"):
    """SIMAC and Cuidado: beats without positions, and a tempo."""
    where = f"{root}/annotations"
    return Layout(
        {
            track: {
                "audio": (f"{root}/audio/{track}.wav", silence()),
                "beats": (
                    f"{where}/beats/{track}.beats",
                    lines(*((t, 0) for t in (0.5, 1.0, 1.5)), sep=separator),
                ),
                "tempo": (f"{where}/tempo/{track}.bpm", "119.5\n"),
            }
        },
        {"beat": (), "tempo": ()},
        {
            ("beat", ""): [(t, 0, None) for t in (0.5, 1.0, 1.5)],
            ("tempo", ""): [(0, 4, 119.5)],
        },
        {track: (track, "", "")},
    )


def brid():
    name = "[0001] M4-01-SA"
    where = "BRID_1.0/annotations"
    row = tempo_and_beats(
        (f"BRID_1.0/audio/{name}.wav", silence()),
        f"{where}/beats/{name}.beats",
        f"{where}/tempo/{name}.bpm",
    )
    return Layout({name: row}, {"beat": (), "tempo": ()}, BEATS_SAID, {name: (name, "", "")})


def candombe():
    name = "csic.1995_ansina1_01"
    beats = lines((0.5, "1.1"), (1.0, "1.2"), (1.5, "1.3"), (2.0, "1.4"), (2.5, "2.1"), sep=",")
    return Layout(
        {
            name: {
                "audio": (f"candombe_audio/{name}.flac", silence()),
                "beats": (f"candombe_annotations/{name}.csv", beats),
            }
        },
        {"beat": ()},
        {("beat", ""): [(0.5 + 0.5 * i, 0, i % 4 + 1) for i in range(5)]},
        {name: (name, "", "")},
    )


def jtd():
    """The time of the second beat is unknown."""
    name = "barronk-song-drummondr-1990-8b77c067"
    where = f"annotations/{name}"
    about = {
        "bandleader": "Kenny Barron",
        "timestamps": {"start": "00:10", "end": "00:14"},
        "tempo": 120.5,
        "time_signature": 4,
    }
    beats = lines(
        ("", "beats", "piano", "bass", "drums", "metre_auto"),
        (0, 0.5, "", "", 0.51, 1.0),
        (1, "", "", "", "", 2.0),
        (2, 1.5, "", "", "", 3.0),
        sep=",",
    )
    return Layout(
        {
            name: {
                "metadata": (f"{where}/metadata.json", json.dumps(about)),
                "beats": (f"{where}/beats.csv", beats),
                "audio": (f"raw/{name}.wav", silence()),
                "audio-lchan": (None, ""),
                "audio-rchan": (None, ""),
            }
        },
        {"beat": (), "tempo": ()},
        {("beat", ""): [(0.5, 0, 1), (1.5, 0, 3)], ("tempo", ""): [(0, 4, 120.5)]},
        {name: ("Kenny Barron", "", "")},
        stems={name: {}},
    )


def tabla():
    def row(part, name):
        where = f"4way-tabla-ismir21-dataset/{part}"
        strokes = {"b": "0.5\n1.5\n", "d": "1.0\n", "rb": "1.5\n", "rt": ""}
        return {"audio": (f"{where}/audios/{name}.wav", silence(len(name)))} | {
            f"onsets_{kind}": (f"{where}/onsets/{kind}/{name}.onsets", text)
            for kind, text in strokes.items()
        }

    return Layout(
        {"AHK_solo-tintal-1": row("train", "AHK_solo-tintal-1"), "binati": row("test", "binati")},
        {"onset": ()},
        {("onset", ""): [(0.5, 0, None), (1.0, 0, None), (1.5, 0, None)]},
        {
            "AHK_solo-tintal-1": ("AHK_solo-tintal-1", "", "train"),
            "binati": ("binati", "", "test"),
        },
    )
