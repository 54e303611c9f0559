"""Sets of Carnatic and Hindustani music in miniature."""

import io
import json

import openpyxl
from published_formats import Layout, contour, lines, melody, silence

PITCHES = [0.0, 220.0, 221.5]


def sheet(title, *rows):
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def rhythm(folder, track, book, group):
    beats = lines((0.5, 1), (1.0, 2), (1.5, 3), (2.0, 1), sep=",")
    return Layout(
        {
            track: {
                "audio": (f"{folder}/audio/{track}.wav", silence()),
                "beats": (f"{folder}/annotations/beats/{track}.beats", beats),
                "meter": (f"{folder}/annotations/meter/{track}.meter", "7, tisra\n"),
            }
        },
        {"beat": ()},
        {("beat", ""): [(0.5, 0, 1), (1.0, 0, 2), (1.5, 0, 3), (2.0, 0, 1)]},
        {track: (*group, "")},
        beside=book,
    )


def carnatic_rhythm():
    row = ["10001", "mbid", "Song", "Artist", "Release", "V", "Adi", "Raga", 0, 0, 0, 0, 4, 2]
    book = sheet("Carnatic", ["UID", *"bcdefghijklmn"], row)
    beside = {"CMR_full_dataset_1.0/CMRfullDataset.xlsx": book}
    return rhythm("CMR_full_dataset_1.0", "10001", beside, ("Artist", "Adi"))


def hindustani_rhythm():
    row = ["20001", 0, "mbid", "Song", "Artist", "Release", "V", "Raga", "Teental", "vilambit"]
    book = sheet("HMDf", ["UID", *"bcdefghijklmnop"], [*row, 0, 0, 4, 2, 0, 0.5])
    return rhythm("HMR_1.0", "20001", {"HMR_1.0/HMDf.xlsx": book}, ("Artist", "Teental"))


def varnam():
    """Eight ticks: two sections of two cycles with two notes per tick."""
    root = "carnatic_varnam_1.1"
    where = f"{root}/Notations_Annotations"
    points = "".join(f'<point frame="{22050 * i}" label="1.{i + 1}" />' for i in range(8))
    layer = f'<sv><data><model sampleRate="44100" /><dataset>{points}</dataset></data></sv>'
    notation = "pallavi:\n" + "- 'S'\n" * 8 + "charanam:\n" + "- 'R'\n" * 8
    return Layout(
        {
            "dharini_abhogi": {
                "audio": (f"{root}/Audio/dharini.mp3", silence()),
                "notation": (f"{where}/notations/abhogi.yaml", notation),
                "structure": (
                    f"{where}/notations/abhogi/dharini.yaml",
                    "- 'pallavi': 2\n- 'charanam': 2\n".replace("- ", ""),
                ),
                "taala": (f"{where}/annotations/taalas/abhogi/dharini.svl", layer),
            }
        },
        {"beat": (), "structure": (), "genre": ("abhogi",)},
        {
            ("beat", ""): [(0.5 * i, 0, None) for i in range(8)],
            ("segment_open", ""): [(0, 2, "pallavi"), (2, 2, "charanam")],
            ("tag_open", "genre"): [(0, 4, "abhogi")],
        },
        {"dharini_abhogi": ("dharini", "abhogi", "")},
        shared={"annotation_metadata": (f"{where}/annotations/tonics.yaml", "dharini: 199.7\n")},
    )


def iamms():
    name = "10_Geetha_Kalyani"
    keys = ("sections", "sections-finetuned", "nyas", "pitch-finetuned")
    return Layout(
        {
            name: {
                "audio": (f"IAMMS/{name}.mp3", silence()),
                "pitch": (f"IAMMS/{name}.pitch", melody(0.0044, PITCHES, "\t")),
                **{key: (f"IAMMS/{name}.{key}", "") for key in (*keys, "tonic", "tonic-finetuned")},
            }
        },
        {"melody": ()},
        {("pitch_contour", ""): contour(0.0044, PITCHES)},
        {name: (name, "", "")},
    )


def raga():
    name = "Raghu.Song"
    where = "RagaDataset/Carnatic"
    about = {"id": {"path": f"{where}/audio/Raghu/Live/Song/Song", "mbid": "m", "ragaid": "r1"}}
    about["id"]["path"] = f"{where}/audio/Raghu/Live/CD/Song"
    rest = ("tonic", "tonic_fine_tuned", "pitch_post_processed", "nyas_segments", "tani_segments")
    return Layout(
        {
            name: {
                "audio": (f"{where}/audio/Raghu/Live/CD/Song/Song.mp3", silence()),
                "pitch": (f"{where}/features/Raghu/Song.pitch", melody(0.0044, PITCHES, "\t")),
                **{key: (f"{where}/features/Raghu/Song.{key}", "") for key in rest},
            }
        },
        {"melody": (), "genre": ("Todi",)},
        {
            ("pitch_contour", ""): contour(0.0044, PITCHES),
            ("tag_open", "genre"): [(0, 4, "Todi")],
        },
        {name: ("Raghu", "Todi", "")},
        beside={
            f"{where}/_info_/path_mbid_ragaid.json": json.dumps(about),
            f"{where}/_info_/ragaId_to_ragaName_mapping.json": json.dumps({"r1": "Todi"}),
            "RagaDataset/Hindustani/_info_/path_mbid_ragaid.json": "{}",
            "RagaDataset/Hindustani/_info_/ragaId_to_ragaName_mapping.json": "{}",
        },
    )


def indian_tonic():
    name = "0a6ebaa4_0-180"
    about = {"tonic": 131.4, "artist": "Sesha", "gender": "male", "mbid": "m"}
    about |= {"type": "vocal", "tradition": "carnatic"}
    root = "indian_art_music_tonic_1.0/CM"
    return Layout(
        {name: {"audio": (f"{root}/audio/{name}.mp3", silence())}},
        {"genre": ("carnatic",)},
        {("tag_open", "genre"): [(0, 4, "carnatic")]},
        {name: ("Sesha", "carnatic", "")},
        beside={f"{root}/annotations/CM1.json": json.dumps({f"audio/{name}.mp3": about})},
    )


def saraga(name, where, audio, files, bpm, sections):
    """Both Saraga sets: their common parts, with the audio and files of one of them."""
    return Layout(
        {
            name: {
                audio: (f"{where}.mp3.mp3", silence()),
                "ctonic": (f"{where}.ctonic.txt", "150.0\n"),
                "pitch": (f"{where}.pitch.txt", melody(0.0044, PITCHES, "\t")),
                "sama": (f"{where}.sama-manual.txt", "0.5\n3.0\n"),
                "phrases": (None, ""),
                "metadata": (f"{where}.json", "{}"),
                **files,
            }
        },
        {"melody": (), "tempo": (), "structure": ()},
        {
            ("pitch_contour", ""): contour(0.0044, PITCHES),
            ("tempo", ""): [(0, 4, bpm)],
            ("segment_open", ""): sections,
        },
        {name: (name, "", "")},
    )


def saraga_carnatic():
    where = "saraga1.5_carnatic/Concert/Bhuvini Dasudane/Bhuvini Dasudane"
    empty = ("ghatam", "mridangam-left", "mridangam-right", "violin", "vocal-s", "vocal")
    sections = lines((0.5, 1, 1.5, "Pallavi"), (2.0, 1, 1.5, "Anupallavi"))
    files = {
        **{f"audio-{key}": (None, "") for key in empty},
        "pitch-vocal": (None, ""),
        "tempo": (f"{where}.tempo-manual.txt", "330,82.5,5.82,8,4\n"),
        "sections": (f"{where}.sections-manual-p.txt", sections),
    }
    found = [(0.5, 1.5, "Pallavi"), (2.0, 1.5, "Anupallavi")]
    return saraga("0_Bhuvini_Dasudane", where, "audio-mix", files, 82.5, found)


def saraga_hindustani():
    where = "saraga1.5_hindustani/Album/Irani/Irani"
    sections = lines((0.5, 1, 1.0, "Alap"), (1.5, 2, 2.0, "Khyal"), sep=",")
    tempi = lines((-1, -1, -1, -1, 0.5, 1.0), (185, 0.324, 3.885, 12, 1.5, 2.0), sep=",")
    files = {
        "tempo": (f"{where}.tempo-manual.txt", tempi),
        "sections": (f"{where}.sections-manual-p.txt", sections),
    }
    found = [(0.5, 1.0, "Alap-1"), (1.5, 2.0, "Khyal-2")]
    return saraga("50_Irani", where, "audio", files, 185, found)


def scms():
    def row(name, number):
        return {
            "audio": (f"SCMS/audio/{name}.wav", silence(number)),
            "pitch": (f"SCMS/annotations/melody/{name}.csv", melody(0.0029, PITCHES)),
            "activations": (
                f"SCMS/annotations/activations/{name}.lab",
                lines((0.5, 1.5, "singer"), (2.5, 3.0, "singer"), sep=","),
            ),
        }

    singers = {"Manda": {"tonic": 165.1, "gender": "female"}}
    others = {"Raghu": {"tonic": 140.1, "gender": "male"}}
    return Layout(
        {"Enta_1": row("Enta_1", 1), "Raga_2": row("Raga_2", 2)},
        {"melody": (), "singing": ()},
        {
            ("pitch_contour", ""): contour(0.0029, PITCHES),
            ("tag_open", "voice"): [(0.5, 1.0, "voice"), (2.5, 0.5, "voice")],
        },
        {"Enta_1": ("Manda", "", "train"), "Raga_2": ("Raghu", "", "test")},
        beside={
            "SCMS/metadata.json": json.dumps({"train": singers, "test": others}),
            "SCMS/artists_to_track_mapping.json": json.dumps(
                {"Manda": ["Enta_1"], "Raghu": ["Raga_2"]}
            ),
        },
    )


def mridangam():
    name = "224030"
    path = f"mridangam_stroke_1.5/B/{name}__akshaylaya__bheem-b-001.wav"
    return Layout(
        {name: {"audio": (path, silence())}},
        {"tagging": ("bheem",)},
        {("tag_open", "tags"): [(0, 4, "bheem")]},
        {name: ("B", "bheem", "")},
    )
