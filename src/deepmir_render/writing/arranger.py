"""The players of one track: who plays melody, harmony, bass and drums in which section.

The intensity of a section determines who plays there, and the style who plays at all (styles.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from deepmir_render.instruments import SINGING
from deepmir_render.recipes import Recipe
from deepmir_render.song import Groove, Metre, Note, Section, Song
from deepmir_render.sources.soundfonts import Measured
from deepmir_render.styles import STYLES
from deepmir_render.writing import accompaniment, drumming
from deepmir_render.writing.arrangement import MELODY, Voice
from deepmir_render.writing.lines import (
    bars_of,
    centred,
    during,
    energies_of,
    in_range,
    near_chord,
    skyline,
    together,
)
from deepmir_render.writing.singer import Singer, draw_singer

AUDIBLE_RISE = 60.0  # milliseconds: a sound with a slower attack has no audible onset
SPARE = ("piano", "bright piano", "electric piano", "organ", "nylon guitar")
POWERED = ("distortion guitar", "overdriven guitar")
DOUBLED = f"{MELODY} doubled"


class Arranger:
    """The arrangement of one track: all random choices use one generator, in order."""

    def __init__(
        self,
        song: Song,
        style: str,
        bpm: float,
        recipe: Recipe,
        players: Mapping[str, Measured],
        rng: np.random.Generator,
    ) -> None:
        self.song, self.style, self.manner, self.bpm = song, style, STYLES[style], bpm
        self.recipe, self.rng = recipe, rng
        # Soundfont voices would be unlabelled singing.
        self.players = {
            name: player
            for name, player in players.items()
            if recipe.choirs or player.instrument.family != "singing"
        }
        self.energies = energies_of(song, rng)
        possible = [e for e in self.manner.ensembles if all(name in self.players for name in e)]
        whole = len(song.parts) == 3 and bool(possible)
        self.ensemble = possible[int(rng.integers(len(possible)))] if whole else ()

    def pick(self, names: Sequence[str]) -> Measured:
        """A player among those in the soundfont, else any player of keys or guitar."""
        there = [name for name in names if name in self.players]
        there = there or [name for name in SPARE if name in self.players]
        return self.players[self.one_of(there)]

    def one_of(self, names: Sequence[str]) -> str:
        """Draw a name."""
        return names[int(self.rng.integers(len(names)))]

    def chance(self, probability: float) -> bool:
        """Draw whether something happens."""
        return bool(self.rng.random() < probability)

    def playing(self, low: float, high: float) -> list[bool]:
        """The sections in which a player plays: mostly those with an energy above a threshold.

        Args:
            low: minimum threshold.
            high: maximum threshold.
        """
        threshold = float(self.rng.uniform(low, high))
        jitter = self.rng.uniform(-0.15, 0.15, len(self.energies))
        return [bool(e + j >= threshold) for e, j in zip(self.energies, jitter, strict=True)]

    def sections(self, wanted: Sequence[bool]) -> list[Section]:
        """The selected sections."""
        return [s for s, want in zip(self.song.sections, wanted, strict=True) if want]

    def as_written(self) -> list[Voice]:
        """A piano that plays everything in the source."""
        return self._alone(self.pick(SPARE[:1]))

    def _alone(self, player: Measured) -> list[Voice]:
        song = self.song
        return [
            _voice(MELODY, player, "lead", song.melody),
            _voice("second", player, "harmony", song.second, -4.0),
            *(_voice(part.name, player, "harmony", part.notes, -4.0) for part in song.parts),
        ]

    def solo(self) -> list[Voice]:
        """A soloist who plays everything in the source, with chords if that is a bare melody."""
        player = self.pick(self.manner.leads)
        voices = self._alone(player)
        if self.song.chords and not self.song.parts:
            everywhere = [True] * len(self.song.sections)
            chords = self._chords(player, everywhere, self.manner.figures)
            bass = self._line(everywhere, max(33, player.instrument.low), 80)
            voices.append(_voice("chords", player, "harmony", chords, -4.0))
            voices.append(_voice("bass", player, "bass", bass, -4.0))
        return voices

    def layers(self) -> list[Voice]:
        """Melody, harmony and bass of every section."""
        voices = [*self._lead(), *self._harmony()]
        if self.chance(0.9):
            voices.append(self._bass())
        return voices

    def _lead(self) -> list[Voice]:
        """The melody, with an instrument per letter, sometimes doubled; the second melody."""
        song, sections = self.song, self.song.sections
        leads = self.manner.leads
        with_choir = self.ensemble and (len(sections) == 1 or self.chance(0.4))
        first = self.players[self.ensemble[0]] if with_choir else self.pick(leads)
        players = {
            letter: self.pick(leads) if index and self.chance(0.35) else first
            for index, letter in enumerate(dict.fromkeys(s.label for s in sections))
        }
        sung = [bool(during(song.melody, [s])) for s in sections]
        sounding = [not self.chance(0.06) for _ in sections]
        if not any(sounds and there for sounds, there in zip(sounding, sung, strict=True)):
            sounding = [True] * len(sections)
        # Without singing, the top of the second melody is the melody.
        top = skyline(during(song.second, self.sections([not each for each in sung])))
        melody = (*song.melody, *top)
        voices = []
        for player in {p.instrument.name: p for p in players.values()}.values():
            mine = [
                players[s.label] == player and sounds
                for s, sounds in zip(sections, sounding, strict=True)
            ]
            notes = centred(during(melody, self.sections(mine)), player)
            voices.append(_voice(MELODY, player, "lead", notes))
        if self.chance(0.3):
            other = self.pick(leads)
            both = [a and b for a, b in zip(sounding, self.playing(0.4, 0.9), strict=True)]
            notes = centred(during(melody, self.sections(both)), other)
            octave = 12 * int(self.rng.integers(-1, 2))
            moved = [replace(n, pitch=n.pitch + octave) for n in notes]
            voices.append(_voice(DOUBLED, other, "lead", moved, -7.0))
        rest = during(song.second, self.sections(sung))
        if rest and self.chance(0.5):
            player = self.pick(leads)
            voices.append(_voice("second", player, "harmony", centred(rest, player), -9.0))
        return voices

    def _harmony(self) -> list[Voice]:
        """The source's lower parts, one to three players of chords, and a pad."""
        song, manner = self.song, self.manner
        voices: list[Voice] = []
        everywhere = [True] * len(song.sections)
        if song.parts and (self.chance(manner.written) or not song.chords):
            voices += self._written()
            if self.ensemble:
                return voices
        if not song.chords:
            return voices
        for index in range(1 + int(self.chance(0.6)) + int(self.chance(0.25))):
            if voices and index == 0 and self.chance(0.5):
                continue
            # The first player of chords always plays: every section has harmony.
            plays = self.playing(0.2, 0.8) if voices else everywhere
            player = self.pick(manner.comps)
            notes = self._chords(player, plays, manner.figures)
            voices.append(_voice("chords", player, "harmony", notes, -7.0))
            if not manner.pads:
                return voices
        if self.chance(0.5):
            player = self.pick(manner.pads)
            held = self._chords(player, self.playing(0.3, 0.8), ("held",))
            voices.append(_voice("pad", player, "harmony", held, -12.0))
        return voices

    def _written(self) -> list[Voice]:
        """The lower parts, by one player each or all by a keyboard player."""
        if self.ensemble:
            players = [self.players[name] for name in self.ensemble[1:]]
        else:
            keys = [n for n in self.manner.comps if n.endswith(("piano", "harpsichord"))]
            players = [self.pick(keys or SPARE[:1])] * len(self.song.parts)
        return [
            _voice(part.name, player, "harmony", part.notes, -3.0)
            for part, player in zip(self.song.parts, players, strict=True)
        ]

    def _by_section(
        self, plays: Sequence[bool], names: Sequence[str], other: float
    ) -> list[tuple[str, list[tuple[float, float, Metre]]]]:
        """A name for each section in which somebody plays, with the section's bars.

        Args:
            plays: in which sections.
            names: of figures, to draw from; equal letters share one.
            other: probability of an unusual name for a letter.
        """
        usual = self.one_of(names)
        chosen = {
            letter: self.one_of(names) if self.chance(other) else usual
            for letter in dict.fromkeys(s.label for s in self.song.sections)
        }
        return [(chosen[s.label], bars_of(self.song, s)) for s in self.sections(plays)]

    def _chords(self, player: Measured, plays: Sequence[bool], names: Sequence[str]) -> list[Note]:
        powered = player.instrument.name in POWERED
        low, high = player.instrument.low, player.instrument.high
        centre = int(np.clip(self.rng.integers(55, 68), low + 8, high - 8))
        centre = low + 12 if powered else centre
        velocity = int(self.rng.integers(76, 108))
        return [
            note
            for figure, bars in self._by_section(plays, names, 0.35)
            for note in accompaniment.chord_notes(
                self.song.chords, bars, figure, centre, powered=powered, velocity=velocity
            )
        ]

    def _bass(self) -> Voice:
        """A line below the chords, or the lowest part an octave lower."""
        player, plays = self.pick(self.manner.basses), self.playing(0.1, 0.5)
        if self.ensemble:
            lowest = during(self.song.parts[-1].notes, self.sections(plays))
            below = [replace(note, pitch=note.pitch - 12) for note in lowest]
            return _voice("bass doubled", player, "bass", below, -6.0)
        low, velocity = int(self.rng.integers(28, 34)), int(self.rng.integers(80, 108))
        return _voice("bass", player, "bass", self._line(plays, low, velocity), -3.0)

    def _line(self, plays: Sequence[bool], low: int, velocity: int) -> list[Note]:
        """Bass notes for the chords of the sections in which somebody plays them."""
        return [
            note
            for line, bars in self._by_section(plays, self.manner.lines, 0.25)
            for note in accompaniment.bass_notes(self.song.chords, bars, line, low, velocity)
        ]

    def drums(self, grooves: Sequence[Groove], part: str) -> tuple[list[Voice], bool]:
        """The drums, if any, and whether they are human."""
        song, metre, recipe = self.song, self.song.metre, self.recipe
        if recipe.drums == "none" or not self.chance(self.manner.drums):
            return [], False
        found = None
        if recipe.drums == "human" and not (self.style == "electronic" and self.chance(0.7)):
            found = drumming.find(grooves, self.manner, self.bpm, metre, part, self.rng)
        found = found or drumming.patterned(self.manner, metre, self.bpm, self.rng)
        plays = self.playing(0.1, 0.5)
        quiet = float(self.rng.uniform(0.2, 0.6)) if self.manner.genre else 0.0
        filling, crashing = self.rng.random(2) < (0.7, 0.7)
        hits = []
        for index, section in enumerate(song.sections):
            bars = [b for b in song.bars if section.start - 1e-6 <= b.start < section.end - 1e-6]
            bars = [b for b in bars if b.metre == metre]
            if plays[index] and bars:
                hits += drumming.play(
                    found,
                    bars,
                    section.end,
                    index % 2,
                    light=self.energies[index] < quiet,
                    fill=bool(filling and self.chance(0.8)) and len(song.sections) > 1,
                    crash=bool(crashing and index and plays[index - 1]),
                    rng=self.rng,
                )
        hits.sort(key=lambda hit: (hit.position, hit.drum))
        notes = tuple(Note(h.position, h.position + 0.1, h.drum, h.velocity) for h in hits)
        there = [name for name in self.manner.kits if name in self.players] or ["drums"]
        kit = self.players[self.one_of(there)].instrument
        level = float(self.rng.uniform(-6, 3))
        return [Voice("drums", kit, "drums", notes, level, loose=not found.human)], found.human

    def singing(self, voices: list[Voice]) -> tuple[list[Voice], list[Singer], list[Voice]]:
        """The sung voices, their singers, and the other voices without the sung melody."""
        song = self.song
        with_melody = [bool(during(song.melody, [s])) for s in song.sections]
        taken = [m and self.chance(0.8) for m in with_melody]
        if not any(taken) or not voices:
            taken = list(with_melody)
        if voices and all(taken) and len(taken) > 1:
            taken[-2] = False  # every track with a singer also has music without one
        sung = [self._sung(MELODY, during(song.melody, self.sections(taken)), 0.0)]
        others = self.sections([not each for each in taken])
        along = not self.manner.genre or self.chance(0.9)
        kept = [
            replace(v, notes=during(v.notes, others)) if v.name == MELODY and along else v
            for v in voices
        ]
        # An instrument that doubles the voice is not a separate melody.
        kept = [
            replace(v, name=DOUBLED, level=v.level - 7)
            if v.name == MELODY and together(v.notes, sung[0][0].notes)
            else v
            for v in kept
        ]
        if self.chance(self.manner.backing):
            loud = [t and e > 0.7 for t, e in zip(taken, self.energies, strict=True)]
            notes = during(song.melody, self.sections(loud))
            step = (0, -12, 12, -5, 7)[int(self.rng.integers(5))]
            if notes:
                sung.append(self._sung("backing", [near_chord(n, step, song) for n in notes], -8.0))
        return [voice for voice, _ in sung], [singer for _, singer in sung], kept

    def _sung(self, name: str, notes: Sequence[Note], level: float) -> tuple[Voice, Singer]:
        """Notes in the octave of a singer drawn to match them."""
        singer = draw_singer(notes, self.rng)
        moved = tuple(replace(n, pitch=n.pitch + 12 * singer.octaves) for n in notes)
        return Voice(name, SINGING, "lead", moved, level), singer


def _voice(
    name: str, player: Measured, bus: str, notes: Sequence[Note], level: float = 0.0
) -> Voice:
    inside = tuple(sorted(in_range(notes, player), key=lambda n: (n.start, n.pitch)))
    return Voice(name, player.instrument, bus, inside, level, slow=player.rise > AUDIBLE_RISE)
