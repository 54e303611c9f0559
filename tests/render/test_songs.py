"""Songs: form, arrangement by section, and labels that match the sound."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from deepmir.files import annotations
from deepmir_render import recipes, rendering, tracks
from deepmir_render.instruments import INSTRUMENTS, SINGING
from deepmir_render.song import Metre, Section
from deepmir_render.sources.genre import genre
from deepmir_render.sources.reading import read_tune
from deepmir_render.writing import passages
from deepmir_render.writing.arrangement import MELODY

RATE = 44100
SONGS = {track.id: track for track in tracks.scores("medium", "song")}
SONG = replace(recipes.SONG, seed=2017)
SUNG, PLAYED, CHORALE = "oneill-1340-s0", "oneill-960-s0", "bach-bwv419-s0"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("songs")
    paths = {}
    for name in (SUNG, PLAYED, CHORALE):
        paths[name] = (folder / f"{name}.flac", folder / f"{name}.jams")
        rendering.render(SONGS[name], SONG, *paths[name])
    return paths


def arranged(track):
    rng = rendering.random_streams(SONG.seed, track.id, 5)[0]
    return rendering.arranged(track, SONG, "TimGM6mb", rng)


@pytest.fixture(scope="module")
def arrangements():
    return [arranged(track) for track in list(SONGS.values())[:40]]


def abc(body, metre="4/4"):
    return read_tune(f"X:1\nT:Test\nM:{metre}\nL:1/8\nK:G\n{body}\n")


TUNE = abc("D2|G2A2B2c2|d2B2G4|G2A2B2c2|d2B2G2:|B2|d2d2B2G2|A2A2B4|d2d2B2G2|A2B2G2:|")


def test_plain_tracks_have_neither_sections_nor_a_voice(tmp_path):
    track = next(track for track in tracks.scores("full") if track.id == "oneill-3-r0")
    rendering.render(track, recipes.PLAIN, tmp_path / "a.flac", tmp_path / "a.jams")
    jams = annotations.read(tmp_path / "a.jams")
    assert not list(jams.find("segment_open"))
    kinds = Counter(a.sandbox["kind"] for a in jams.find("tag_open"))
    assert kinds == {"instrument": 1, "tags": 1, "genre": 1}


def test_repeat_signs_cut_a_score_into_sections():
    assert TUNE.sections == (Section(0.0, 16.0, "A"), Section(16.0, 32.0, "B"))


def test_a_written_out_repeat_has_the_letter_of_what_it_repeats():
    score = abc("G8|A8|B8|G8||G8|A8|B8|G8||c8|B8|A8|G8|]")
    assert [section.label for section in score.sections] == ["A", "A", "B"]


def test_second_endings_belong_to_the_section_before():
    score = abc("G8|A8|B8|1A8:|2G8|:c8|B8|A8|G8:|")
    assert [(s.start, s.end) for s in score.sections] == [(0, 16), (16, 32)]


def test_scores_without_marks_are_cut_in_the_middle():
    assert [s.end for s in abc("G8|A8|B8|A8|G8|A8|B8|G8|]").sections] == [16, 32]
    assert len(abc("G8|A8|B8|A8|G8|A8|G8|]").sections) == 1


def test_passages_are_played_in_turn_with_their_pickups():
    a, b = TUNE.sections
    played = passages.unroll(TUNE, (a, a, b, a))
    assert "".join(section.label for section in played.sections) == "AABA"
    assert [s.end - s.start for s in played.sections] == [16.0] * 4
    assert [bar.start for bar in played.bars] == [-3.0, *(1.0 + 4 * i for i in range(16))]
    starts = [note.start for note in played.melody if note.pitch == 62]
    assert starts == [0.0, 16.0, 48.0]


def test_sections_of_one_letter_have_one_melody(arrangements):
    repeated = 0
    for arrangement in arrangements:
        score = arrangement.song
        contents = {}
        for section in score.sections:
            notes = tuple(
                (round(n.start - section.start, 3), n.pitch)
                for n in score.melody
                if section.start - 1e-3 <= n.start < section.end - 1e-3
            )
            repeated += section.label in contents
            assert contents.setdefault(section.label, notes) == notes
        edges = [section.start for section in score.sections] + [score.end]
        assert edges[0] == 0.0
        assert [section.end for section in score.sections] == edges[1:]
    assert repeated > 30


def test_forms_take_the_time_of_a_song(arrangements):
    seconds = [a.song.end * 60 / a.bpm for a in arrangements]
    low, high = SONG.seconds
    assert np.mean([low - 1 < s < high + 15 for s in seconds]) > 0.9
    introduced = [a for a in arrangements if a.song.sections[0].label == passages.INTRODUCTION]
    assert introduced
    for arrangement in introduced:
        end = arrangement.song.sections[0].end
        lead = [v for v in (*arrangement.voices, *arrangement.sung) if v.name == MELODY]
        assert all(note.start > end - 1e-2 for voice in lead for note in voice.notes)
        assert any(note.start < end for voice in arrangement.voices for note in voice.notes)


def test_half_of_the_songs_are_sung_in_part_and_by_nobody_else(arrangements):
    assert 0.3 < np.mean([bool(a.singers) for a in arrangements]) < 0.7
    for arrangement in arrangements:
        families = {INSTRUMENTS[v.instrument.name].family for v in arrangement.voices}
        assert "singing" not in families
        assert len(arrangement.sung) == len(arrangement.singers) <= 1


def test_players_change_between_sections(arrangements):
    """In most songs some player is silent for a whole section."""

    def changes(arrangement):
        return any(
            not any(s.start - 1e-2 <= n.start < s.end - 1e-2 for n in voice.notes)
            for voice in arrangement.voices
            for s in arrangement.song.sections
        )

    assert np.mean([changes(a) for a in arrangements]) > 0.6


@pytest.mark.parametrize("name", [SUNG, PLAYED, CHORALE])
def test_annotations_are_valid_jams(rendered, name):
    import jams

    jam = jams.load(str(rendered[name][1]), validate=True, strict=True)
    namespaces = Counter(annotation.namespace for annotation in jam.annotations)
    for namespace in ("segment_open", "mood_thayer", "key_mode", "beat", "pitch_contour"):
        assert namespaces[namespace] == 1
    kinds = Counter(
        annotation.sandbox["kind"]
        for annotation in jam.annotations
        if annotation.namespace == "tag_open"
    )
    assert kinds == {"instrument": 1, "tags": 1, "genre": 1, "voice": 1}


@pytest.mark.parametrize("name", [SUNG, PLAYED, CHORALE])
def test_sections_are_contiguous_and_on_beats(rendered, name):
    jams = annotations.read(rendered[name][1])
    sections = jams.first("segment_open")
    assert sections.intervals[0, 0] == 0
    assert sections.intervals[-1, 1] == pytest.approx(jams.duration, abs=1e-5)
    assert np.allclose(sections.intervals[1:, 0], sections.intervals[:-1, 1], atol=2e-6)
    beats = jams.first("beat").times
    for start in sections.times[1:]:
        nearest = np.abs(beats - start).min()
        assert nearest < 0.51 * np.median(np.diff(beats))
    values = [int(value) for value in jams.first("beat").values]
    metre = Metre.parse(jams.sandbox["metre"])
    assert all(b == a % metre.beats + 1 for a, b in itertools.pairwise(values))


def test_voice_is_where_sung_notes_are(rendered):
    for name in (SUNG, CHORALE):
        jams = annotations.read(rendered[name][1])
        voice = jams.first("tag_open", "voice").intervals
        sung = next(a for a in jams.find("note_midi") if a.sandbox["instrument"] == "singing")
        assert sung.sandbox["program"] == -1 == SINGING.program
        assert len(voice) >= 1
        assert voice[:, 1].sum() - voice[:, 0].sum() < 0.95 * jams.duration
        grid = np.arange(0, jams.duration, 0.01)
        inside = ((grid[:, None] >= voice[:, 0]) & (grid[:, None] < voice[:, 1])).any(axis=1)
        notes = ((grid[:, None] >= sung.times) & (grid[:, None] < sung.intervals[:, 1])).any(axis=1)
        assert not np.any(notes & ~inside)
        # A consonant before the first note and pauses of a quarter of a second are voice as well.
        assert all(np.abs(sung.times - start).min() < 0.1 for start in voice[:, 0])
        assert all(np.abs(sung.intervals[:, 1] - end).min() < 1e-5 for end in voice[:, 1])
    assert annotations.read(rendered[PLAYED][1]).first("tag_open", "voice").observations == ()


def test_instruments_are_labelled_where_they_play(rendered):
    jams = annotations.read(rendered[SUNG][1])
    labelled = jams.first("tag_open", "instrument")
    parts = {a.sandbox["instrument"] for a in jams.find("note_midi")}
    assert set(labelled.values) == parts
    for part in jams.find("note_midi"):
        own = labelled.intervals[[v == part.sandbox["instrument"] for v in labelled.values]]
        assert all(any(a - 1e-5 <= t < b for a, b in own) for t in part.times)
        assert np.all(own[1:, 0] - own[:-1, 1] > 0.49)


def test_the_annotated_frequency_is_the_one_that_sounds():
    import librosa

    (sung,) = rendering.draw(SONGS[CHORALE], SONG).sung
    start = sung.part.notes[0].start // 441 * 441
    sound = sung.samples[start : start + 12 * RATE].astype(np.float32)
    found, voiced, _ = librosa.pyin(
        sound, sr=RATE, fmin=60, fmax=800, frame_length=2048, hop_length=441
    )
    contour = np.array(sung.part.contour[start // 441 :])[: found.size]
    both = voiced & (contour > 0)
    cents = 1200 * np.log2(found[both] / contour[both])
    assert both.mean() > 0.7
    assert np.median(np.abs(cents)) < 15
    expected = {note.start: 440 * 2 ** ((note.pitch - 69) / 12) for note in sung.part.notes}
    deviation = [
        1200 * np.log2(np.median(sung.part.contour[note.start // 441 + 5 : note.end // 441]) / f)
        for note in sung.part.notes
        if note.end - note.start > 0.3 * RATE
        for f in [expected[note.start]]
    ]
    assert np.median(np.abs(deviation)) < 15
    assert sung.part.instrument == SINGING


def test_the_voice_stays_in_its_bounds():
    """The dry voice is finite, silent in rests and quiet above its highest harmonic."""
    (sung,) = rendering.draw(SONGS[SUNG], SONG).sung
    assert np.isfinite(sung.samples).all()
    assert np.abs(sung.samples).max() < 1
    silent = np.ones(sung.samples.size, dtype=bool)
    for start, end in sung.spans:
        silent[max(0, start - 2000) : end + 2000] = False
    assert np.abs(sung.samples[silent]).max() < 1e-4


def test_the_same_seed_gives_the_same_bytes(rendered, tmp_path):
    again = tmp_path / "a.flac", tmp_path / "a.jams"
    rendering.render(SONGS[SUNG], SONG, *again)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in rendered[SUNG]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("bach", 0, "Jesu", "", "4/4"), "chorale"),
        (("ryan", 1, "Acacia -- Reel", "reel", "2/4"), "reel"),
        (("ryan", 1, "Any", "waltz", "3/4"), ""),
        (("oneill", 1120, "Any", "slipjig", "9/8"), "slip jig"),
        (("aird", 1, "Any Jig", "", "9/8"), "slip jig"),
        (("aird", 1, "The Fairy Reel", "", "2/2"), "reel"),
        (("oneill", 20, "Any", "", "3/4"), "air"),
        (("aird", 20, "The fair maid", "", "3/4"), ""),
    ],
)
def test_genres_come_from_words(arguments, expected):
    assert genre(*arguments) == expected
