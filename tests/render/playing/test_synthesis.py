import numpy as np
import pytest

from deepmir.errors import DeepmirError
from deepmir_render.instruments import Instrument
from deepmir_render.playing import synthesis
from deepmir_render.playing.fluidsynth import BLOCK, on_grid
from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote, PlayedPart
from deepmir_render.sources import soundfonts

FONT = "TimGM6mb"
FONTS = [
    FONT,
    *(
        pytest.param(
            name,
            marks=(
                pytest.mark.skipif(name not in soundfonts.installed(), reason="not installed"),
                pytest.mark.slow,  # to load
            ),
        )
        for name in soundfonts.KNOWN
        if name != FONT
    ),
]


def part(name, *notes, font=FONT, level=0.0, pan=0.0):
    """Notes are (start, end, pitch, velocity) with times in seconds."""
    played = tuple(
        PlayedNote(on_grid(start), on_grid(end), pitch, velocity)
        for start, end, pitch, velocity in notes
    )
    return PlayedPart(name, soundfonts.measured(font)[name].instrument, level, pan, played)


def render(*parts, seconds=2.0, detune=0.0, font=FONT):
    found = soundfonts.find(font)
    buses = synthesis.render({"bus": parts}, found, round(seconds * SAMPLE_RATE), detune)
    return buses["bus"]


def frequency(sound, near):
    """From the phase advance of the partial nearest to a frequency in a tenth of a second."""
    mono = sound.sum(axis=0).astype(np.float64)
    time = np.arange(len(mono)) / SAMPLE_RATE
    shifted = mono * np.exp(-2j * np.pi * near * time)
    width = SAMPLE_RATE // 5
    window = np.hanning(width)
    starts = np.arange(SAMPLE_RATE // 5, len(mono) - width, SAMPLE_RATE // 50)
    phase = np.unwrap([np.angle((shifted[s : s + width] * window).sum()) for s in starts])
    return near + np.polyfit(starts / SAMPLE_RATE, phase, 1)[0] / (2 * np.pi)


def cents(sound, pitch):
    ideal = 440 * 2 ** ((pitch - 69) / 12)
    return 1200 * np.log2(frequency(sound, ideal) / ideal)


def loudest(sound):
    """Maximum RMS of 50 ms, in dB."""
    power = np.cumsum(np.square(sound.astype(np.float64)).mean(axis=0))
    width = SAMPLE_RATE // 20
    return 10 * np.log10((power[width:] - power[:-width]).max() / width)


def test_each_bus_is_as_long_as_asked_and_stereo():
    font = soundfonts.find(FONT)
    buses = {
        "bass": [part("electric bass", (0, 1, 40, 90))],
        "lead": [part("flute", (0, 1, 76, 90))],
        "harmony": [part("piano")],
        "drums": [],
    }
    made = synthesis.render(buses, font, 30000, 0.0)
    assert list(made) == ["bass", "lead"]  # the others have no notes
    for sound in made.values():
        assert sound.shape == (2, 30000)
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert 0.01 < np.abs(sound).max() < 1


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("name", ["drums", "clavinet", "xylophone"])
def test_a_stroke_sounds_when_it_is_asked_to(name, font):
    pitch = 38 if name == "drums" else 72
    stroke = part(name, (0.5, 0.8, pitch, 100), font=font)
    sound = np.abs(render(stroke, font=font))
    first = np.argmax(sound.max(axis=0) > 0.01 * sound.max())
    # In other soundfonts the sounds of one kit are not all equally late.
    assert abs(first - stroke.notes[0].start) <= (0.001 if font == FONT else 0.003) * SAMPLE_RATE


def test_onsets_are_as_far_apart_as_asked_to_the_sample():
    distance = 193 * BLOCK
    one = part("xylophone", (0.1, 0.2, 72, 100))
    note = one.notes[0]
    later = PlayedNote(note.start + distance, note.end + distance, note.pitch, note.velocity)
    alone = render(one, seconds=0.3)
    both = render(PlayedPart("x", one.instrument, 0.0, 0.0, (later,)), seconds=0.7)
    length = alone.shape[1] - 4410
    assert np.allclose(alone[:, 4410:], both[:, 4410 + distance :][:, :length], atol=1e-3)


def test_the_result_does_not_depend_on_what_was_played_before():
    wanted = part("electric piano", (0.1, 0.6, 60, 80), (0.3, 0.9, 64, 90))
    first = render(wanted)
    render(
        part("drums", (0, 0.1, 49, 127)),
        part("harp", *((0.0, 5.0, pitch, 127) for pitch in range(40, 90))),
        detune=37.0,
        seconds=0.05,
    )
    assert np.array_equal(first, render(wanted))


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("name, pitch", [("piano", 57), ("organ", 69), ("nylon guitar", 57)])
def test_it_is_in_tune(name, pitch, font):
    if name not in soundfonts.measured(font):
        pytest.skip(f"{font} has no usable {name}")
    sound = render(part(name, (0, 1.8, pitch, 90), font=font), font=font)
    assert abs(cents(sound, pitch)) < 10


@pytest.mark.parametrize("detune", [-50.0, 25.0])
def test_it_is_detuned_as_asked(detune):
    note = part("organ", (0, 1.8, 69, 90))
    detuned = cents(render(note, detune=detune), 69 + detune / 100)
    assert detuned == pytest.approx(cents(render(note), 69), abs=1.0)


def test_drums_are_not_detuned():
    hit = part("drums", (0.1, 0.2, 38, 100))
    assert np.array_equal(render(hit), render(hit, detune=40.0))


@pytest.mark.parametrize("name", ["piano", "flute", "steel guitar", "electric bass", "trumpet"])
def test_programs_are_equally_loud(name):
    program = soundfonts.measured(FONT)[name].instrument
    pitches = range(program.low, program.high + 1, 5)
    made = [loudest(render(part(name, (0, 0.8, p, 90)), seconds=1.0)) for p in pitches]
    assert np.median(made) == pytest.approx(synthesis.REFERENCE_LEVEL, abs=2)


def test_a_part_is_as_loud_as_asked():
    notes = (0, 1.5, 69, 90)
    difference = loudest(render(part("organ", notes, level=-7.5))) - loudest(
        render(part("organ", notes))
    )
    assert difference == pytest.approx(-7.5, abs=0.1)


def test_a_part_is_where_it_is_asked_to_be():
    left, right = np.square(render(part("flute", (0, 1, 76, 90), pan=-0.8))).sum(axis=1)
    assert left > 5 * right


def test_every_note_of_a_thick_chord_is_heard():
    pitches = range(40, 90)
    together = render(part("organ", *((0.0, 1.0, p, 60) for p in pitches)), seconds=0.5)
    apart = sum(render(part("organ", (0.0, 1.0, p, 60)), seconds=0.5) for p in pitches)
    assert np.allclose(together, apart, atol=1e-4)


def test_there_are_never_too_many_notes_for_the_channels():
    parts = [
        part("organ", *((0.01 * (i + shift), 1.0, 40 + i % 50, 50) for i in range(150)), pan=pan)
        for shift, pan in ((0, -0.5), (2, 0.5))
    ]
    together, apart = render(*parts), sum(render(each) for each in parts)
    assert np.array_equal(together, apart)


def test_what_rings_for_long_is_silenced():
    sound = render(part("glockenspiel", (0.0, 0.1, 84, 127)), seconds=2.0)
    ring = on_grid(0.1) + synthesis.RING
    assert np.abs(sound[:, ring - 2000 : ring]).max() > 1e-4  # it would ring on
    assert np.abs(sound[:, ring + 2000 :]).max() < 1e-6


def test_a_note_is_not_silenced_by_the_ring_of_another():
    long = (1.0, 4.0, 72, 90)
    alone = render(part("organ", long), seconds=3.5)
    beside = render(part("organ", (0.0, 0.2, 60, 90), long), seconds=3.5)
    energies = [np.square(sound[:, -SAMPLE_RATE:]).sum() for sound in (alone, beside)]
    assert energies[0] == pytest.approx(energies[1], rel=0.01)


def test_an_instrument_that_the_soundfont_does_not_play_is_refused():
    kazoo = PlayedPart(
        "solo", Instrument("kazoo", 5, "reeds"), 0.0, 0.0, (PlayedNote(0, 9, 60, 9),)
    )
    with pytest.raises(DeepmirError, match="TimGM6mb has no kazoo .* part solo"):
        render(kazoo)
