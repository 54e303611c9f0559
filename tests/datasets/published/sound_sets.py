"""Sets of instruments, effects and single sounds in miniature."""

import json

from published_formats import Layout, lines, silence
from solo_sets import tone, word


def fma_keys():
    table = lines(
        ("track_id", "spotify_uri", "key_and_mode"),
        (10, "", "C# Major"),
        (141, "uri", "D minor"),
        sep=",",
    )
    return Layout(
        {
            "10": {"audio": ("000/000010.mp3", silence(1))},
            "141": {"audio": ("000/000141.mp3", silence(2))},
        },
        {"key": ()},
        {("key_mode", ""): [(0, 4, "C#:major")]},
        {"10": ("10", "C# Major", ""), "141": ("141", "D minor", "")},
        shared={"fma_keys_metadata": ("fma_keys_metadata.csv", table)},
    )


def medley_solos():
    names = ("d07b1fc0", "0a28dc1f")
    table = lines(
        ("subset", "instrument", "instrument_id", "song_id", "uuid4"),
        ("validation", "tenor saxophone", 5, 0, names[0]),
        ("training", "female singer", 2, 7, names[1]),
        sep=",",
    )
    return Layout(
        {
            name: {"audio": (f"audio/Medley-solos-DB_{name}.wav", silence(i))}
            for i, name in enumerate(names)
        },
        {"instrument": ()},
        word("instrument", "tenor saxophone"),
        {
            names[0]: ("0", "tenor saxophone", "validation"),
            names[1]: ("7", "female singer", "train"),
        },
        beside={"annotation/Medley-solos-DB_metadata.csv": table},
    )


def tinysol():
    name = "ClBb-ord-D4-mf-N-N"
    path = f"Winds/Clarinet_Bb/ordinario/{name}.wav"
    about = (path, 0, "Winds", "ClBb", "Clarinet in Bb", "ord", "ordinario", "D4", 62, "mf", 2, 0)
    table = lines(tuple("abcdefghijklmn"), (*about, "", "TRUE"), sep=",")
    return Layout(
        {name: {"audio": (f"audio/{path}", silence())}},
        {"instrument": (), "pitch_class": ()},
        word("instrument", "clarinet") | tone(2),
        {name: (name, "Clarinet in Bb", "")},
        beside={"annotation/TinySOL_metadata.csv": table},
    )


def good_sounds():
    """A note of a saxophone and a scale of a double bass."""

    def sound(number, instrument, semitone, klass):
        about = {"id": number, "instrument": instrument, "player": "raul", "pack_id": 1}
        return about | {"semitone": semitone, "klass": klass, "pitch_reference": 442}

    sounds = {
        "7": sound(7, "sax_alto", 50, "good-sound"),
        "8": sound(8, "bass", 43, "scale-good"),
    }
    takes = {str(i): {"id": i, "sound_id": i + 6, "microphone": "akg"} for i in (1, 2)}
    return Layout(
        {str(i): {"audio": (f"good-sounds/sound_files/{i}.wav", silence(i))} for i in (1, 2)},
        {"instrument": (), "pitch_class": ()},
        word("instrument", "alto saxophone") | tone(2),
        {"1": ("raul", "sax_alto", ""), "2": ("raul", "bass", "")},
        beside={
            "packs.json": json.dumps({"1": {"id": 1, "name": "sax_raul"}}),
            "ratings.json": "{}",
            "sounds.json": json.dumps(sounds),
            "takes.json": json.dumps(takes),
        },
    )


def openmic():
    """Most annotators are unsure about a trumpet; nobody was asked about a banjo."""
    names = ("000046_3840", "000135_483840")
    table = lines(
        ("artist_name", "track_title", "track_genres", "sample_key", "start_time"),
        ("AWOL", "Food", "\"[{'genre_id': '21', 'genre_title': 'Hip-Hop'}]\"", names[0], 3.8),
        ("Chad", "Father", "", names[1], 483.8),
        sep=",",
    )
    labels = lines(
        ("sample_key", "instrument", "relevance", "num_responses"),
        (names[0], "mallet_percussion", 0.9, 3),
        (names[0], "voice", 0.8, 3),
        (names[0], "trumpet", 0.2, 3),
        (names[1], "piano", 1.0, 3),
        sep=",",
    )
    return Layout(
        {
            name: {
                "audio": (f"audio/000/{name}.ogg", silence(i)),
                "vggish": (f"vggish/000/{name}.json", "{}"),
            }
            for i, name in enumerate(names)
        },
        {"instrument": (), "tagging": ("Hip-Hop",)},
        word("instrument", "mallets", "voice") | word("tags", "Hip-Hop"),
        {names[0]: ("AWOL", "", "train"), names[1]: ("Chad", "", "test")},
        beside={
            "openmic-2018-metadata.csv": table,
            "openmic-2018-aggregated-labels.csv": labels,
            "partitions/split01_train.csv": f"{names[0]}\n",
            "partitions/split01_test.csv": f"{names[1]}\n",
        },
    )


def egfxset():
    head = ("Effect ", "Model", "Effect Type", "Knob Names", "Knob Type", "Setting ")
    row = ("tape echo", "DL4", "Delay", "\"['Mix']\"", "\"['knob']\"", '"[1]"')
    names = ("TapeEcho_Bridge/2-3", "Clean_Middle/6-0")
    return Layout(
        {
            name: {"audio": (name.replace("_", "/") + ".wav", silence(i))}
            for i, name in enumerate(names)
        },
        {"tagging": ("clean", "tape echo"), "pitch_class": ()},
        word("tags", "tape echo") | tone(2),
        {names[0]: ("2-3", "tape echo", ""), names[1]: ("6-0", "clean", "")},
        beside={"egfxset_metadata.csv": lines(head, row, sep=",")},
    )


def freesound():
    about = [{"id": 183, "name": "kick.wav", "tags": ["kick", "drum"], "analysis": {}}]
    where = "one_shot_percussive_sounds"
    return Layout(
        {
            "183": {
                "audio": (f"{where}/1/183.wav", silence()),
                "analysis": ("analysis/1/183_analysis.json", "{}"),
            }
        },
        {"tagging": ("drum", "kick")},
        word("tags", "kick", "drum"),
        {"183": ("zgump", "", "")},
        beside={
            "sound_info_analysis.json": json.dumps(about),
            "licenses.txt": json.dumps({"183": {"username": "zgump", "license": "CC0"}}),
        },
    )


def idmt():
    def entry(name, letter, number):
        cells = {"fileID": name, "instrument": letter, "midinr": number}
        cells |= {"fxgroup": 3, "fxtype": 34, "fxsetting": 1}
        inner = "".join(f"<{key}>{value}</{key}>" for key, value in cells.items())
        return f"<audiofile>{inner}</audiofile>"

    names = ("G73-45200-3341-33944", "P64-43110-3341-41221")
    entries = entry(names[0], "G", 45) + entry(names[1], "P", 43)
    where = ("Gitarre monophon2", "Gitarre polyphon")
    return Layout(
        {
            name: {"audio": (f"{folder}/Samples/Tremolo/{name}.wav", silence(i))}
            for i, (name, folder) in enumerate(zip(names, where, strict=True))
        },
        {"tagging": ("Tremolo",), "instrument": (), "pitch_class": ()},
        word("tags", "Tremolo") | word("instrument", "guitar") | tone(9),
        {names[0]: ("G 45", "Tremolo", ""), names[1]: ("P 43", "Tremolo", "")},
        beside={
            "Gitarre monophon2/Lists/1.xml": "<list><listinformation><listID>1</listID>"
            f"</listinformation>{entries}</list>"
        },
    )
