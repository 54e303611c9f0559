"""Notes and onsets of solo singing and of mixed music, with and without the decoders' filters.

Run by hand: ``python benchmarks/sung_notes.py POP909`` (the folder of songs), with FluidR3_GM. The
solo voice is the renderer's formant singer, which sings every sixtieth melody from number 30 on
with vibrato, glides and scoops; the mixes are of every 85th song from 45 on, played by
TinySoundFont. 30 seconds of each. Modules need no rendering: ``--modules FOLDER``, 40 seconds of
every sixth.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pretty_midi
import tinysoundfont

from deepmir.analysis import activations
from deepmir.files import annotations, audio
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.samples import Samples
from deepmir_render.instruments import SINGING
from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote, PlayedPart
from deepmir_render.singing.singers import sing
from deepmir_render.song import Note
from deepmir_render.writing.singer import draw_singer

RATE = 22050
SECONDS = 30
SHORTEST = 0.05  # s of a note that is sung
FLOOR = 1e-4  # of noise, relative to the peak
SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
# What decoders did before: nothing was left out.
BEFORE = {
    "notes": {"overtone": 0.0, "sure": 0.0},
    "onset": {"relative": 0.0},
}

Rows = list[tuple[float, float, float]]  # start and end in seconds, MIDI number


def song(folder: Path, number: int) -> pretty_midi.PrettyMIDI:
    return pretty_midi.PrettyMIDI(str(folder / f"{number:03}" / f"{number:03}.mid"))


def sung(midi: pretty_midi.PrettyMIDI, seed: int) -> tuple[Samples, Rows]:
    """A quarter of the melody on, sung; its notes as they sound."""
    melody = next(part for part in midi.instruments if part.name == "MELODY")
    notes = sorted(melody.notes, key=lambda n: n.start)
    begin = notes[len(notes) // 4].start - 0.5
    notes = [n for n in notes if begin <= n.start and n.end < begin + SECONDS]
    rng = np.random.default_rng(seed)
    singer = draw_singer([Note(n.start, n.end, n.pitch) for n in notes], rng)
    played = [
        PlayedNote(
            round((n.start - begin) * SAMPLE_RATE),
            round((min(n.end, following) - begin) * SAMPLE_RATE),
            n.pitch + 12 * singer.octaves,
            90,
        )
        for n, following in zip(notes, [*(n.start for n in notes[1:]), np.inf], strict=True)
    ]
    kept = tuple(n for n in played if n.end - n.start > SHORTEST * SAMPLE_RATE)
    part = PlayedPart("melody", SINGING, -20.0, 0.0, kept)
    made = sing("formant", part, singer, SECONDS * SAMPLE_RATE, 0.0, rng)
    samples = audio.resample(made.samples.astype(np.float32), SAMPLE_RATE, RATE)
    noise = np.random.default_rng(1).standard_normal(len(samples)) * np.abs(samples).max()
    rows = [(n.start / SAMPLE_RATE, n.end / SAMPLE_RATE, n.pitch) for n in made.part.notes]
    return samples + (FLOOR * noise).astype(np.float32), rows


def mixed(midi: pretty_midi.PrettyMIDI, begin: float = 30.0) -> tuple[Samples, Rows]:
    """All parts of a song, played on a piano; its notes."""
    parts = [
        [n for n in part.notes if begin <= n.start and n.end < begin + SECONDS]
        for part in midi.instruments
    ]
    total = sum(played([replace_times(n, begin) for n in notes]) for notes in parts)
    rows = sorted((n.start - begin, n.end - begin, n.pitch) for notes in parts for n in notes)
    return audio.resample(np.asarray(total, np.float32), SAMPLE_RATE, RATE), rows


def replace_times(note: pretty_midi.Note, begin: float) -> pretty_midi.Note:
    return pretty_midi.Note(note.velocity, note.pitch, note.start - begin, note.end - begin)


def played(notes: list[pretty_midi.Note]) -> Samples:
    """One part on a piano, event by event at its sample."""
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
    synth.program_select(0, synth.sfload(SOUNDFONT), 0, 0)
    events = [(n.start, True, n.pitch, n.velocity) for n in notes]
    events += [(n.end, False, n.pitch, 0) for n in notes]
    pieces, done = [], 0
    for time, begins, pitch, velocity in [*sorted(events), (float(SECONDS), False, 0, 0)]:
        if (place := min(round(time * SAMPLE_RATE), SECONDS * SAMPLE_RATE)) > done:
            block = np.frombuffer(synth.generate_simple(place - done), np.float32)
            pieces.append(block.reshape(-1, 2).mean(axis=1))
            done = place
        if begins:
            synth.noteon(0, pitch, velocity)
        else:
            synth.noteoff(0, pitch)
    return np.concatenate(pieces)


def jams(rows: Rows) -> Jams:
    """Notes, and onsets where they begin."""
    notes = tuple(Observation(start, end - start, pitch) for start, end, pitch in rows)
    onsets = tuple(Observation(start) for start in sorted({start for start, _, _ in rows}))
    return Jams(SECONDS, (Annotation("note_midi", notes), Annotation("onset", onsets)))


def pieces(folder: Path, modules: Path | None) -> Iterator[tuple[str, Samples, Jams]]:
    for number in range(30, 900, 60):
        samples, rows = sung(song(folder, number), number)
        yield "solo singing", samples, jams(rows)
    for number in range(45, 900, 85):
        samples, rows = mixed(song(folder, number))
        yield "mixes", samples, jams(rows)
    for path in sorted(modules.glob("*.jams"))[5::6] if modules else []:
        reference = annotations.read(path).first("onset")
        assert reference is not None
        kept = tuple(o for o in reference.observations if o.time < 40)
        samples = audio.load(path.with_suffix(".ogg"), RATE, seconds=40)
        yield "modules", samples, Jams(40.0, (replace(reference, observations=kept),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--modules", type=Path)
    options = parser.parse_args()
    networks = activations.models_of(["onset", "notes"], None)
    scores: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for kind, samples, reference in pieces(options.folder, options.modules):
        heard = [block.copy() for block in audio.from_samples(samples, RATE).blocks]
        for network in networks:
            task, rate = network.task, network.representation.frame_rate
            if not task.metrics(reference, reference):
                continue
            features = network.representation(np.concatenate(heard))
            values = activations.decodable(network, features.astype(network.representation.storage))
            for name, more in (("before", BEFORE[task.name]), ("now", {})):
                given = {**network.card.options(task.name), **more}
                estimate = Jams(reference.duration, tuple(task.decoder(rate, **given)(values)))
                score = task.metrics(reference, estimate)[task.primary]
                found = len(estimate.annotations[0].observations)
                true = len(next(reference.find(task.namespaces[0])).observations)
                scores.setdefault((task.name, kind, name), []).append((score, found / true))
    for (task_name, kind, name), rows in sorted(scores.items()):
        score, count = np.mean(rows, axis=0)
        text = f"F {score:.3f}, found {count:.2f} of each, {len(rows)} pieces"
        print(f"{task_name:8}{kind:14}{name:8}{text}")


if __name__ == "__main__":
    main()
