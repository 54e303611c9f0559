"""Sets of tags and instruments in miniature."""

from published_formats import Layout, lines, silence


def jamendo():
    name = "autotagging_moodtheme"
    head = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]
    songs = [
        [
            *("track_0000948", "artist_000087", "album_1", "48/948.mp3", 212.7),
            *("mood/theme---happy", "mood/theme---film"),
        ],
        ["track_0003346", "artist_000087", "album_2", "46/3346.mp3", 100.0, "mood/theme---sad"],
        ["track_0003524", "artist_000099", "album_3", "24/3524.mp3", 100.0, "mood/theme---calm"],
    ]
    parts = {"train": [0, 1], "validation": [], "test": [2]}
    other = {"train": [2], "validation": [], "test": [0, 1]}
    splits = {
        f"data/splits/split-{n}/{name}-{part}.tsv": lines(head, *(songs[i] for i in chosen))
        for n in range(5)
        for part, chosen in (other if n else parts).items()
    }
    return Layout(
        {s[0]: {"audio": (f"audios/{s[3]}", silence(i))} for i, s in enumerate(songs)},
        {"tagging": ("film", "happy", "sad")},
        {("tag_open", "tags"): [(0, 4, "happy"), (0, 4, "film")]},
        {
            "track_0000948": ("artist_000087", "", "train"),
            "track_0003346": ("artist_000087", "", "train"),
            "track_0003524": ("artist_000099", "", "test"),
        },
        beside={f"data/{name}.tsv": lines(head, *songs)} | splits,
    )


def irmas():
    train = "IRMAS-TrainingData"
    wavs = {"0189__1": "cla/[cla][cla]0189__1", "0189__2": "cla/[cla][cla]0189__2"}
    rows = {
        name: dict.fromkeys(("audio", "annotation"), (f"{train}/{path}.wav", silence(i)))
        for i, (name, path) in enumerate(wavs.items())
    }
    stem = "IRMAS-TestingData-Part1/Part1/02 - And The Body Will Die"
    for number in (7, 8):
        rows[str(number - 6)] = {
            "audio": (f"{stem}-{number}.wav", silence(number)),
            "annotation": (f"{stem}-{number}.txt", "gel\t\nvoi\t\n"),
        }
    return Layout(
        rows,
        {"instrument": ()},
        {("tag_open", "instrument"): [(0, 4, "clarinet")]},
        {
            "0189__1": ("0189", "cla", "train"),
            "0189__2": ("0189", "cla", "train"),
            "1": ("02 - And The Body Will Die", "", "test"),
            "2": ("02 - And The Body Will Die", "", "test"),
        },
    )
