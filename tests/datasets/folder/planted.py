"""Generated folders of recordings: one without faults, one with every planted fault.

`python tests/datasets/folder/planted.py` prints the report of the latter, which is
docs/how-to/check-report.txt.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

RATE = 16000
SECONDS = 12.0
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])


def piece(seed, seconds=SECONDS, rate=RATE):
    """Chords and a melody in C major, by one synthesiser; shape (samples,)."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * rate))
    for onset in np.arange(0, seconds - 0.1, 0.5):
        pitches = np.array([48, 60, 72]) + SCALE[rng.integers(0, 7, 3)]
        since = np.arange(min(rate, len(sound) - round(onset * rate))) / rate
        start = round(onset * rate)
        for frequency in 440 * 2 ** ((pitches - 69) / 12):
            for partial in range(1, 6):
                tone = np.sin(2 * np.pi * partial * frequency * since) / partial
                sound[start : start + len(since)] += np.exp(-3 * since) * tone
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def save(path, samples, rate=RATE, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", rate, 1, **how) as file:
        # A long recording at once overflows the stack of libsndfile's Vorbis encoder.
        for start in range(0, len(samples), 1 << 14):
            file.write(samples[start : start + (1 << 14)])


def rows(*lines, end="\n"):
    return end.join(lines) + end


BEATS = [f"{0.5 * i:.2f}\t{1 + i % 4}" for i in range(24)]
CHORDS = ["0.0 4.0 C:maj", "4.0 8.0 F#:min7/b3", "8.0 12.0 N"]


def clean(folder):
    """Every kind of annotation in every encoding, with all separators and line ends, faultless."""
    for index, name in enumerate(
        ["album/01 one.wav", "album/02 two.flac", "three.ogg", "four.mp3"]
    ):
        save(folder / name, piece(index))
    texts = {
        "album/01 one.beats": rows(*BEATS),
        "album/01 one.lab": rows(*CHORDS),
        "album/01 one.segments.csv": rows("start,end,label", "0,5,verse 1", '5,12,"a, b"'),
        "album/01 one.key": rows("A minor"),
        "album/02 two.beats.csv": "\ufeff"
        + rows("time,beat", "0.5,1", "1.0,2", "1.5,3", end="\r\n"),
        "album/02 two.segments.txt": rows("0.0\tIntro", "6.5\tVerse", "12.0\tEnd"),
        "album/02 two.key.csv": rows("0;6,5;Am", "6,5;12;F#m"),
        "album/02 two.notes.csv": rows("onset,duration,pitch", "0.5,0.25,60", "0.5,0.5,64.5"),
        "three.onsets.txt": rows("# by hand", "", "0.5", "1.25"),
        "three.melody.csv": rows("0.00,0", "0.01,220.5", "0.02,-220.5"),
        "three.singing.lab": rows("0 4 nosing", "4 9.5 sing", "9.5 12 nosing"),
        "three.bpm": "120,5\r",
        "metadata.csv": rows(
            "file;artist;part;genre;valence;arousal",
            "album/01 one.wav;Zoë;train;jig;0.5;-0.5",
            "album\\02 two;Zoë;train;reel;;",
            "three.ogg;Bob;test;jig;;",
        ),
        "album/tags.csv": rows("file,tag,kind", "01 one,calm", "01 one,piano,instrument"),
        "tags.csv": rows("file,fast,loud", "three,1,0", "four.mp3,,"),
    }
    for name, text in texts.items():
        encoding = "cp1252" if name == "metadata.csv" else "utf-8"
        (folder / name).write_bytes(text.encode(encoding))
    beats = tuple(Observation(0.5 * i, 0.0, 1 + i % 3) for i in range(24))
    annotations.write(folder / "four.jams", Jams(SECONDS, (Annotation("beat", beats),)))


def build(folder):
    """Plant every fault.

    Returns:
        The expected messages: severity, file, line and a part of the text.
    """
    told = []

    def wrong(severity, name, line, part):
        told.append((severity, name, line, part))

    error = lambda *what: wrong("error", *what)  # noqa: E731
    warning = lambda *what: wrong("warning", *what)  # noqa: E731
    seeds = iter(range(100))

    def song(name, **how):
        samples = piece(next(seeds))
        save(folder / name, samples, **how)
        return samples

    def text(name, *lines, **how):
        (folder / name).write_bytes(rows(*lines).encode(how.get("encoding", "utf-8")))

    def key(*names):
        for name in names:
            text(f"{name}.key", "C")

    # The sound
    (folder / "sound").mkdir(parents=True)
    original = song("sound/original.wav")
    (folder / "sound/copied.wav").write_bytes((folder / "sound/original.wav").read_bytes())
    late = np.concatenate([np.zeros(round(0.3 * RATE), np.float32), 0.3 * original])
    save(folder / "sound/recoded.mp3", late)
    song("sound/empty.wav")
    (folder / "sound/empty.wav").write_bytes(b"")
    song("sound/cut.wav")
    whole = (folder / "sound/cut.wav").read_bytes()
    (folder / "sound/cut.wav").write_bytes(whole[: len(whole) // 2])
    song("sound/noise.mp3")
    (folder / "sound/noise.mp3").write_bytes(bytes(range(256)) * 20)
    broken = piece(next(seeds))
    broken[1000] = np.nan
    save(folder / "sound/nan.wav", broken, subtype="FLOAT")
    save(folder / "sound/short.wav", piece(next(seeds))[:RATE])
    save(folder / "sound/silent.wav", np.zeros(5 * RATE, np.float32))
    save(folder / "sound/clipped.wav", np.clip(8 * piece(next(seeds)), -1, 1))
    save(folder / "sound/shifted.wav", piece(next(seeds)) + 0.1)
    quiet = np.zeros(round(8 * RATE), np.float32)
    save(folder / "sound/edges.wav", np.concatenate([quiet, piece(next(seeds)), quiet]))
    holes = piece(next(seeds))
    holes[4 * RATE : 11 * RATE] = 0
    save(folder / "sound/holes.wav", holes)
    key(*(f"sound/{p.stem}" for p in sorted((folder / "sound").iterdir())))
    error("sound/original.wav", 0, "the same audio as copied.wav, byte for byte: keep one")
    error("sound/recoded.mp3", 0, "the same audio as copied.wav, here 0.30 s later: keep one")
    error("sound/empty.wav", 0, "empty (0 bytes)")
    error("sound/cut.wav", 0, "truncated")
    error("sound/noise.mp3", 0, "not readable as audio")
    error("sound/nan.wav", 0, "not finite")
    error("sound/short.wav", 0, "too short, 1.00 s")
    error("sound/silent.wav", 0, "silent")
    warning("sound/clipped.wav", 0, "clipped: ")
    warning("sound/shifted.wav", 0, "a constant part (DC) of 10")
    warning("sound/edges.wav", 0, "begins with 8.0 s of silence")
    warning("sound/edges.wav", 0, "ends with 8.")
    warning("sound/holes.wav", 0, "% of it, apart from both ends, is silence")

    # Names
    song("names/twice.wav")
    song("names/twice.flac")
    key("names/twice")
    error("names/twice.wav", 0, "it and twice.flac would both be the track names--twice: keep one")
    song("names/bare.wav")
    error("names/bare.wav", 0, "no annotations")
    text("names/lost.beats", "1.0")
    warning("names/lost.beats", 0, "no recording with this name")
    song("names/many.wav")
    text("names/many.key", "C")
    text("names/many.key.txt", "C")
    error("names/many.key.txt", 0, "many.key already has the key: keep one")

    # Rows
    song("rows/beats.wav")
    text(
        "rows/beats.beats.csv",
        *("-0.5,4", "0.0,1", "0.5,2", "1.0,3", "1.5,4", "2.0,1", "2.5,2", "3.0,3", "3.5,1"),
        *("4.0,2", "4.5,3", "5.0,4", "5.5,1", "6.0,2", "6.5,4", "half,1", "7.0,1,2", "7.5,0"),
        *("8.0,1", "7.9,2", "30.0,3", "nan,4"),
    )
    error("rows/beats.beats.csv", 1, "-0.5 s is negative")
    warning("rows/beats.beats.csv", 9, "a downbeat after 3 beats, although most bars have 4")
    warning("rows/beats.beats.csv", 15, "position 4 in the bar follows 2")
    error("rows/beats.beats.csv", 16, "time is 'half', which is not a number")
    error("rows/beats.beats.csv", 17, "3 columns, but `time [position]` is expected")
    error("rows/beats.beats.csv", 18, "the position in the bar is 0")
    error("rows/beats.beats.csv", 20, "7.9 s comes after 8 s")
    error("rows/beats.beats.csv", 21, "30 s is after the end of the recording at 12.00 s")
    error("rows/beats.beats.csv", 22, "time is 'nan', which is not a number")
    song("rows/pace.wav")
    text("rows/pace.beats", *(f"{0.1 * i:.1f}" for i in range(100)))
    warning("rows/pace.beats", 1, "600 BPM: are they beats?")
    song("rows/chords.wav")
    text(
        "rows/chords.lab",
        *("0.0 2.0 C:maj", "2.0 4.0 Cmajor", "3.5 6.0 G:7", "7.0 9.0 N", "9.0 9.0 N"),
        *("10.0 9.5 N", "11.0 20.0 X"),
    )
    warning("rows/chords.lab", 2, "the chord 'Cmajor' is not known")
    error("rows/chords.lab", 3, "it overlaps the one before")
    warning("rows/chords.lab", 4, "there is a gap before it, from 6 to 7 s")
    warning("rows/chords.lab", 5, "it has no length")
    error("rows/chords.lab", 6, "it ends at 9.5 s, before it starts at 10 s")
    warning("rows/chords.lab", 7, "there is a gap before it, from 9 to 11 s")
    warning("rows/chords.lab", 7, "ends at 20 s, but the recording at 12.00 s")
    song("rows/segments.wav")
    lines = ("# by hand", "0 5 Größe", "4 9 B", "10 12 C")
    text("rows/segments.segments.txt", *lines, encoding="cp1252")
    error("rows/segments.segments.txt", 3, "it overlaps the one before")
    warning("rows/segments.segments.txt", 4, "there is a gap before it, from 9 to 10 s")
    song("rows/onsets.wav")
    text("rows/onsets.onsets", "1.0", "1.0", "0.5")
    warning("rows/onsets.onsets", 2, "1 s appears twice")
    error("rows/onsets.onsets", 3, "0.5 s comes after 1 s")
    song("rows/notes.wav")
    lines = ("start,end,pitch,velocity", "0,1,60,100", "1,2,160,1", "2,3,60,200", "3,2.5,60,1")
    text("rows/notes.notes.csv", *lines)
    error("rows/notes.notes.csv", 3, "the pitch 160 is not a MIDI number")
    error("rows/notes.notes.csv", 4, "the velocity is 200")
    error("rows/notes.notes.csv", 5, "it ends at 2.5 s, before it starts")
    song("rows/midi.wav")
    (folder / "rows/midi.mid").write_bytes(b"MThd nothing")
    error("rows/midi.mid", 0, "not a readable MIDI file")
    song("rows/melody.wav")
    text("rows/melody.f0.csv", "0.00,220", "0.01,22050", "0.02,")
    warning("rows/melody.f0.csv", 2, "a melody at 22050 Hz")
    error("rows/melody.f0.csv", 3, "1 column, but `time hertz` is expected")
    song("rows/singing.wav")
    text("rows/singing.singing.lab", "0 3 sing", "3 6 humming")
    error("rows/singing.singing.lab", 2, "'humming' is neither `sing` nor `nosing`")
    song("rows/key.wav")
    text("rows/key.key", "H major", "C")
    error("rows/key.key", 1, "'H major' is not a key")
    error("rows/key.key", 2, "a second key")
    song("rows/tempo.wav")
    text("rows/tempo.bpm", "0", "1200")
    error("rows/tempo.bpm", 1, "0 BPM is not a tempo")
    warning("rows/tempo.bpm", 2, "1200 BPM is not between 30 and 285 BPM")
    song("rows/void.wav")
    text("rows/void.beats", "# nothing yet")
    error("rows/void.beats", 0, "it has no content")
    song("rows/binary.wav")
    (folder / "rows/binary.beats").write_bytes(b"1.0\0\0")
    error("rows/binary.beats", 0, "not a text file")

    # JAMS
    song("jams/broken.wav")
    (folder / "jams/broken.jams").write_text("{")
    error("jams/broken.jams", 0, "not a readable JAMS file")
    song("jams/faulty.wav")
    chords = (Observation(0, 5, "C"), Observation(4, 6, "H"), Observation(50, 1, "N"))
    found = Jams(60.0, (Annotation("chord", chords),))
    annotations.write(folder / "jams/faulty.jams", found)
    text("jams/faulty.lab", *CHORDS)
    warning("jams/faulty.jams", 0, "its duration is 60 s, but the recording lasts 12.00 s")
    error("jams/faulty.jams", 2, "it overlaps the one before")
    warning("jams/faulty.jams", 2, "the chord 'H' is not known")
    error("jams/faulty.jams", 3, "50 s is after the end of the recording")
    warning("jams/faulty.lab", 0, "not used: faulty.jams already has the chords")

    # Tables
    song("tables/a.wav")
    song("tables/b.wav")
    key("tables/a", "tables/b")
    text(
        "tables/metadata.csv",
        "file,artist,part,key,bpm,valence,arousal,composer",
        "a.wav,Ann,training,H,fast,2,0",
        "a,Ann",
        "b,Bob,,,,0.5",
        "c.wav,Cem",
        ",Dora",
        "b,B,train,C,100,0,0,x,y",
        'b,"B',
    )
    warning("tables/metadata.csv", 1, "not read: 'composer'")
    for part in ("part is 'training'", "key is 'H'", "bpm is 'fast'", "valence is '2'"):
        error("tables/metadata.csv", 2, part)
    error("tables/metadata.csv", 3, "described in metadata.csv, line 2")
    error("tables/metadata.csv", 4, "one of them is missing")
    warning("tables/metadata.csv", 5, "there is no recording 'c.wav'")
    error("tables/metadata.csv", 6, "no file is named")
    error("tables/metadata.csv", 7, "9 columns, the header has 8")
    error("tables/metadata.csv", 8, "quotes are not closed")
    text("tables/tags.csv", "file,tag,kind", "a,loud", "a,loud", "a,,genre", "a,calm,feeling")
    warning("tables/tags.csv", 3, "'loud' appears twice")
    error("tables/tags.csv", 4, "the tag is missing")
    error("tables/tags.csv", 5, "kind is 'feeling'")
    text("rows/tags.csv", "name,tag", "key,loud")
    error("rows/tags.csv", 1, "including `file`")
    return told


if __name__ == "__main__":
    from deepmir.datasets.folder import check

    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        build(Path("my-recordings"))
        try:
            check.run(Path("my-recordings"))
        except DeepmirError as last:
            sys.stdout.flush()
            print(f"deepmir: {last}")
