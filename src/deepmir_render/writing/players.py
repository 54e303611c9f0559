"""The players of one track: who plays melody, harmony and bass in which section.

How intense a section is decides who plays there, and the style who plays at all (styles.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.playing.soundfonts import Measured
from deepmir_render.singing.singer import Singer
from deepmir_render.writing import figures
from deepmir_render.writing.lines import bars_of, centred, during, in_range, skyline, where
from deepmir_render.writing.song import Song, SongNote
from deepmir_render.writing.styles import Style
from deepmir_render.writing.vocals import near_chord, plays_along, sung_line
from deepmir_render.writing.voice import MELODY, Voice

AUDIBLE_RISE = 60.0  # milliseconds: of a sound that rises more slowly no onset could be heard
SPARE = ("piano", "bright piano", "electric piano", "organ", "nylon guitar")
POWERED = ("distortion guitar", "overdriven guitar")


class Players:
    """One track's arrangement in the making: every draw is from the one generator, in order."""

    def __init__(
        self,
        song: Song,
        manner: Style,
        players: Mapping[str, Measured],
        rng: np.random.Generator,
    ) -> None:
        self.song, self.manner, self.players, self.rng = song, manner, players, rng
        self.energies = energies_of(song, rng)

    def pick(self, names: Sequence[str]) -> Measured:
        """Somebody of those whom the soundfont has, else whoever plays keys or a guitar."""
        there = [name for name in names if name in self.players]
        there = there or [name for name in SPARE if name in self.players]
        return self.players[there[int(self.rng.integers(len(there)))]]

    def chance(self, probability: float) -> bool:
        """Draw whether something happens."""
        return bool(self.rng.random() < probability)

    def as_written(self) -> list[Voice]:
        """A piano plays all that the source has."""
        song, piano = self.song, self.pick(SPARE[:1])
        return [
            self._voice(MELODY, piano, "lead", song.melody),
            self._voice("second", piano, "harmony", song.second, -4.0),
            self._voice("accompaniment", piano, "harmony", song.accompaniment, -4.0),
        ]

    def layers(self) -> list[Voice]:
        """Melody, harmony and bass of every section."""
        voices = self._lead()
        harmony = self._harmony()
        voices += harmony
        if self.chance(0.9):
            voices.append(self._bass())
        return voices

    def playing(self, threshold: float) -> list[bool]:
        """In which sections a player plays: where the energy is above his threshold, mostly."""
        jitter = self.rng.uniform(-0.15, 0.15, len(self.energies))
        return [bool(e + j >= threshold) for e, j in zip(self.energies, jitter, strict=True)]

    def _voice(
        self, name: str, player: Measured, bus: str, notes: Sequence[SongNote], level: float = 0.0
    ) -> Voice:
        inside = tuple(sorted(in_range(notes, player), key=lambda n: (n.start, n.pitch)))
        return Voice(name, player.instrument, bus, inside, level, slow=player.rise > AUDIBLE_RISE)

    def _lead(self) -> list[Voice]:
        """The melody, by an instrument for each letter, sometimes doubled; the second melody."""
        song, first = self.song, self.pick(self.manner.leads)
        players = {
            letter: self.pick(self.manner.leads) if self.chance(0.3) else first
            for letter in dict.fromkeys(s.label for s in song.sections)
        }
        silent = [self.chance(0.06) for _ in song.sections]
        instrumental = [not during(song.melody, [s]) for s in song.sections]
        voices = []
        # Where nobody sings, the top of the second melody is the melody.
        top = skyline(during(song.second, where(song.sections, instrumental)))
        melody = (*song.melody, *top)
        for name in dict.fromkeys(p.program.name for p in players.values()):
            player = self.players[name]
            mine = [
                players[s.label] == player and not quiet
                for s, quiet in zip(song.sections, silent, strict=True)
            ]
            notes = centred(during(melody, where(song.sections, mine)), player)
            voices.append(self._voice(MELODY, player, "lead", notes))
        if self.chance(0.3):
            other = self.pick(self.manner.leads)
            loud = where(song.sections, self.playing(float(self.rng.uniform(0.4, 0.9))))
            notes = centred(during(melody, loud), other)
            voices.append(self._voice("melody doubled", other, "lead", notes, -7.0))
        rest = during(song.second, where(song.sections, [not i for i in instrumental]))
        if rest and self.chance(0.5):
            player = self.pick(self.manner.leads)
            voices.append(self._voice("second", player, "harmony", centred(rest, player), -9.0))
        return voices

    def _harmony(self) -> list[Voice]:
        """One to three players of chords, and somebody who holds them."""
        song = self.song
        voices: list[Voice] = []
        everywhere = [True] * len(song.sections)
        if song.accompaniment and (self.chance(self.manner.written) or not song.chords):
            player = self.pick(self._written_players())
            notes = during(song.accompaniment, where(song.sections, everywhere))
            voices.append(self._voice("accompaniment", player, "harmony", notes, -4.0))
        for index in range(1 + int(self.chance(0.6)) + int(self.chance(0.25))):
            if not song.chords or (voices and index == 0 and self.chance(0.5)):
                continue
            # The first who plays chords always does: there is harmony in every section.
            plays = self.playing(float(self.rng.uniform(0.2, 0.8))) if voices else everywhere
            voices.append(self._comp(plays))
        if song.chords and self.chance(0.5):
            player = self.pick(self.manner.pads)
            plays = self.playing(float(self.rng.uniform(0.3, 0.8)))
            held = self._chords(player, plays, ("held",))
            voices.append(self._voice("pad", player, "harmony", held, -12.0))
        return voices

    def _written_players(self) -> tuple[str, ...]:
        keys = tuple(n for n in self.manner.comps if n.endswith(("piano", "harpsichord")))
        return keys or ("piano",)

    def _comp(self, plays: Sequence[bool]) -> Voice:
        player = self.pick(self.manner.comps)
        notes = self._chords(player, plays, self.manner.figures)
        return self._voice("chords", player, "harmony", notes, -7.0)

    def _chords(
        self, player: Measured, plays: Sequence[bool], names: Sequence[str]
    ) -> list[SongNote]:
        usual = names[int(self.rng.integers(len(names)))]
        powered = player.program.name in POWERED
        centre = int(
            np.clip(self.rng.integers(57, 68), player.program.low + 8, player.program.high - 8)
        )
        centre = player.program.low + 12 if powered else centre
        velocity = int(self.rng.integers(70, 104))
        notes: list[SongNote] = []
        chosen: dict[str, str] = {}
        for section, wanted in zip(self.song.sections, plays, strict=True):
            other = names[int(self.rng.integers(len(names)))]
            figure = chosen.setdefault(section.label, other if self.chance(0.35) else usual)
            if wanted:
                bars = bars_of(self.song, section)
                notes += figures.chord_notes(
                    self.song.chords, bars, figure, centre, powered=powered, velocity=velocity
                )
        return notes

    def _bass(self) -> Voice:
        player = self.pick(self.manner.basses)
        plays = self.playing(float(self.rng.uniform(0.1, 0.5)))
        names = self.manner.lines
        usual = names[int(self.rng.integers(len(names)))]
        low = int(self.rng.integers(28, 34))
        velocity = int(self.rng.integers(80, 108))
        notes: list[SongNote] = []
        for section, wanted in zip(self.song.sections, plays, strict=True):
            other = names[int(self.rng.integers(len(names)))]
            line = other if self.chance(0.25) else usual
            if wanted:
                bars = bars_of(self.song, section)
                notes += figures.bass_notes(self.song.chords, bars, line, low, velocity)
        return self._voice("bass", player, "bass", notes, -3.0)

    def singing(self, voices: list[Voice]) -> tuple[list[Voice], list[Singer], list[Voice]]:
        """What is sung, by whom, and the other voices without the melody where it is sung."""
        song = self.song
        sections = list(song.sections)
        with_melody = [bool(during(song.melody, [s])) for s in sections]
        taken = [m and self.chance(0.85) for m in with_melody]
        if not any(taken):
            taken = with_melody
        lead = sung_line(MELODY, during(song.melody, where(sections, taken)), 0.0, self.rng)
        if lead is None:
            return [], [], voices
        voice, singer = lead
        sung, singers = [voice], [singer]
        kept = [
            replace(v, notes=during(v.notes, where(sections, [not t for t in taken])))
            if v.name == MELODY and not self.chance(0.1)
            else v
            for v in voices
        ]
        # What an instrument plays along is no melody of its own.
        kept = [
            replace(v, name="melody doubled", level=v.level - 7) if plays_along(v, voice) else v
            for v in kept
        ]
        if self.chance(0.35):
            loud = [t and e > 0.7 for t, e in zip(taken, self.energies, strict=True)]
            notes = during(song.melody, where(sections, loud))
            step = (0, -12, 12, -5, 7)[int(self.rng.integers(5))]
            backing = [near_chord(note, step, song) for note in notes]
            other = sung_line("backing", backing, -8.0, self.rng)
            if other is not None:
                sung.append(other[0])
                singers.append(other[1])
        return sung, singers, kept


def energies_of(song: Song, rng: np.random.Generator) -> list[float]:
    """How intense each section is, from 0 to 1: equal letters alike, the highest melody most."""
    heights: dict[str, list[int]] = defaultdict(list)
    for section in song.sections:
        heights[section.label] += [n.pitch for n in during(song.melody, [section])]
    means = {letter: float(np.mean(pitches)) for letter, pitches in heights.items() if pitches}
    ranked = sorted(means, key=lambda letter: means[letter])
    energy: dict[str, float] = {}
    for letter in heights:
        if letter in means:
            rank = (ranked.index(letter) + 1) / len(ranked)
            energy[letter] = float(0.4 + 0.5 * rank + rng.uniform(-0.15, 0.15))
        else:
            energy[letter] = float(rng.uniform(0.15, 0.8))
    rise = float(rng.uniform(0.0, 0.25))
    count = max(1, len(song.sections) - 1)
    return [
        float(np.clip(energy[s.label] + rise * i / count, 0.0, 1.0))
        for i, s in enumerate(song.sections)
    ]
