"""Arranging a song: who plays what in which section, in which key and how fast.

The arrangement is in quarter notes; performance.py gives it seconds. A style says who may play
(styles.py); how intense a section is decides who does.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepmir.datasets.rendered import drumming, figures
from deepmir.datasets.rendered.passages import in_double_time
from deepmir.datasets.rendered.song import Groove, Song, SongNote
from deepmir.datasets.rendered.soundfonts import Measured
from deepmir.datasets.rendered.styles import STYLES, Style
from deepmir.datasets.scores.instruments import SINGING
from deepmir.datasets.scores.notation import Metre, Note, Section
from deepmir.datasets.scores.performance import Instrument
from deepmir.datasets.scores.singer import Singer, draw_singer

if TYPE_CHECKING:
    from deepmir.params import Rendered

TRANSPOSITIONS = (-6, 5)  # semitones: each of the twelve tonics once
MELODY = "melody"  # name of the voices that have the melody in turn
TEMPO_CHANGE = 0.25  # natural logarithm: how far a song may be from its own tempo
SLOWEST, FASTEST = 44.0, 210.0  # beats a minute
AUDIBLE_RISE = 60.0  # milliseconds: of a sound that rises more slowly no onset could be heard
SPARE = ("piano", "bright piano", "electric piano", "organ", "nylon guitar")
POWERED = ("distortion guitar", "overdriven guitar")


@dataclass(frozen=True)
class Voice:
    """What one player plays.

    Attributes:
        name: of the part; voices that share the melody have one name.
        instrument: what plays.
        bus: the group of the mix: drums, bass, harmony or lead.
        notes: ordered by start; of drums, the end says nothing.
        level: in dB relative to the melody.
        pan: place between the left (-1) and the right (1).
        slow: whether its sound swells, so that no onset could be heard.
        loose: whether the player deviates from the beat; not where a person's deviation is in it.
    """

    name: str
    instrument: Instrument
    bus: str
    notes: tuple[SongNote, ...]
    level: float = 0.0
    pan: float = 0.0
    slow: bool = False
    loose: bool = True


@dataclass(frozen=True)
class Arrangement:
    """What is played.

    Attributes:
        song: the passage, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes a minute.
        transposition: from the source's key, in semitones.
        voices: without those that are sung.
        sung: what is sung: the lead, then those who sing with it; may be empty.
        singers: of the voices that are sung.
        swing: place of the second eighth in a beat; 0.5 is even.
        human: whether a person drums.
    """

    song: Song
    style: str
    bpm: float
    transposition: int
    voices: tuple[Voice, ...]
    sung: tuple[Voice, ...]
    singers: tuple[Singer, ...]
    swing: float
    human: bool


def draw_style(rng: np.random.Generator) -> str:
    """Draw a style by its weight."""
    names = list(STYLES)
    weights = np.array([STYLES[name].weight for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def draw_tempo(song: Song, style: Style, rng: np.random.Generator) -> tuple[Song, float]:
    """The song's own tempo, somewhat changed towards the style's.

    Where that is nearer to twice the song's tempo, the song is played in double time.

    Returns:
        The song, in double time or not, and quarter notes a minute.
    """
    low, high = style.bpm
    wanted = low * (high / low) ** float(rng.random())
    if song.bpm and wanted > np.sqrt(2) * song.bpm:
        song = in_double_time(song)
    own = song.bpm or wanted
    change = np.clip(np.log(wanted / own), -TEMPO_CHANGE, TEMPO_CHANGE)
    beat = song.bars[0].metre.beat_length
    bpm = float(own * np.exp(change))
    return song, round(float(np.clip(bpm, SLOWEST * beat, FASTEST * beat)), 3)


def arrange(
    song: Song,
    style: str,
    bpm: float,
    declaration: "Rendered",
    grooves: Sequence[Groove],
    players: Mapping[str, Measured],
    part: str,
    rng: np.random.Generator,
) -> Arrangement:
    """Draw an arrangement.

    Args:
        song: the passage that is played, transposed.
        style: a name in `STYLES`.
        bpm: quarter notes a minute.
        declaration: what of it all is wanted.
        grooves: human drumming; may be empty.
        players: the instruments of the track's soundfont by their names, one of `SPARE` among them.
        part: of the track.
        rng: what is drawn from.
    """
    manner = STYLES[style]
    if not song.sections:
        song = replace(song, sections=(Section(0.0, song.end, "A"),))
    low, high = manner.swing
    arranger = _Arranger(song, manner, players, rng)
    written = declaration.arrangement == "written"
    voices = arranger.as_written() if written else arranger.layers()
    drummed, human = _drums(song, style, bpm, declaration, grooves, part, arranger, rng)
    sung: list[Voice] = []
    singers: list[Singer] = []
    if declaration.singers and song.melody and rng.random() < manner.sung:
        sung, singers, voices = arranger.singing(voices)
    heard = [v for v in (*voices, *drummed) if v.notes]
    return Arrangement(
        song=song,
        style=style,
        bpm=bpm,
        transposition=0,
        voices=tuple(_placed(heard, rng)),
        sung=tuple(sung),
        singers=tuple(singers),
        swing=round(float(rng.uniform(low, high)), 3),
        human=human,
    )


class _Arranger:
    """One track's arrangement in the making: every draw is from the one generator, in order."""

    def __init__(
        self,
        song: Song,
        manner: Style,
        players: Mapping[str, Measured],
        rng: np.random.Generator,
    ) -> None:
        self.song, self.manner, self.players, self.rng = song, manner, players, rng
        self.energies = _energies(song, rng)

    def pick(self, names: Sequence[str]) -> Measured:
        """Somebody of those whom the soundfont has, else whoever plays keys or a guitar."""
        there = [name for name in names if name in self.players]
        there = there or [name for name in SPARE if name in self.players]
        return self.players[there[int(self.rng.integers(len(there)))]]

    def chance(self, probability: float) -> bool:
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
        inside = tuple(sorted(_in_range(notes, player), key=lambda n: (n.start, n.pitch)))
        return Voice(name, player.instrument, bus, inside, level, slow=player.rise > AUDIBLE_RISE)

    def _lead(self) -> list[Voice]:
        """The melody, by an instrument for each letter, sometimes doubled; the second melody."""
        song, first = self.song, self.pick(self.manner.leads)
        players = {
            letter: self.pick(self.manner.leads) if self.chance(0.3) else first
            for letter in dict.fromkeys(s.label for s in song.sections)
        }
        silent = [self.chance(0.06) for _ in song.sections]
        instrumental = [not _during(song.melody, [s]) for s in song.sections]
        voices = []
        # Where nobody sings, the top of the second melody is the melody.
        top = _skyline(_during(song.second, _where(song.sections, instrumental)))
        melody = (*song.melody, *top)
        for name in dict.fromkeys(p.program.name for p in players.values()):
            player = self.players[name]
            mine = [
                players[s.label] == player and not quiet
                for s, quiet in zip(song.sections, silent, strict=True)
            ]
            notes = _centred(_during(melody, _where(song.sections, mine)), player)
            voices.append(self._voice(MELODY, player, "lead", notes))
        if self.chance(0.3):
            other = self.pick(self.manner.leads)
            where = _where(song.sections, self.playing(float(self.rng.uniform(0.4, 0.9))))
            notes = _centred(_during(melody, where), other)
            voices.append(self._voice("melody doubled", other, "lead", notes, -7.0))
        rest = _during(song.second, _where(song.sections, [not i for i in instrumental]))
        if rest and self.chance(0.5):
            player = self.pick(self.manner.leads)
            voices.append(self._voice("second", player, "harmony", _centred(rest, player), -9.0))
        return voices

    def _harmony(self) -> list[Voice]:
        """One to three players of chords, and somebody who holds them."""
        song = self.song
        voices: list[Voice] = []
        everywhere = [True] * len(song.sections)
        if song.accompaniment and (self.chance(self.manner.written) or not song.chords):
            player = self.pick(self._written_players())
            notes = _during(song.accompaniment, _where(song.sections, everywhere))
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
            notes = self._chords(player, plays, ("held",))
            voices.append(self._voice("pad", player, "harmony", notes, -12.0))
        return voices

    def _written_players(self) -> tuple[str, ...]:
        keys = tuple(
            n for n in self.manner.comps if n.endswith(("piano", "piano 2", "harpsichord"))
        )
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
                bars = _bars(self.song, section)
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
                bars = _bars(self.song, section)
                notes += figures.bass_notes(self.song.chords, bars, line, low, velocity)
        return self._voice("bass", player, "bass", notes, -3.0)

    def singing(self, voices: list[Voice]) -> tuple[list[Voice], list[Singer], list[Voice]]:
        """What is sung, by whom, and the other voices without the melody where it is sung."""
        song = self.song
        sections = list(song.sections)
        with_melody = [bool(_during(song.melody, [s])) for s in sections]
        taken = [m and self.chance(0.85) for m in with_melody]
        if not any(taken):
            taken = with_melody
        lead = _sung(MELODY, _during(song.melody, _where(sections, taken)), 0.0, self.rng)
        if lead is None:
            return [], [], voices
        voice, singer = lead
        sung, singers = [voice], [singer]
        kept = [
            replace(v, notes=_during(v.notes, _where(sections, [not t for t in taken])))
            if v.name == MELODY and not self.chance(0.1)
            else v
            for v in voices
        ]
        # What an instrument plays along is no melody of its own.
        kept = [
            replace(v, name="melody doubled", level=v.level - 7) if _overlap(v, voice) else v
            for v in kept
        ]
        if self.chance(0.35):
            loud = [t and e > 0.7 for t, e in zip(taken, self.energies, strict=True)]
            notes = _during(song.melody, _where(sections, loud))
            step = (0, -12, 12, -5, 7)[int(self.rng.integers(5))]
            backing = [_near_chord(note, step, song) for note in notes]
            other = _sung("backing", backing, -8.0, self.rng)
            if other is not None:
                sung.append(other[0])
                singers.append(other[1])
        return sung, singers, kept


def _sung(
    name: str, notes: Sequence[SongNote], level: float, rng: np.random.Generator
) -> tuple[Voice, Singer] | None:
    if not notes:
        return None
    singer = draw_singer([Note(n.start, n.end, n.pitch) for n in notes], rng)
    moved = tuple(replace(n, pitch=n.pitch + 12 * singer.octaves) for n in notes)
    return Voice(name, SINGING, "lead", moved, level), singer


def _overlap(voice: Voice, other: Voice) -> bool:
    """Whether a voice of the melody's name sounds with the one that is sung."""
    if voice.name != MELODY or not voice.notes:
        return False
    starts = {round(n.start, 4) for n in other.notes}
    return any(round(n.start, 4) in starts for n in voice.notes)


def _near_chord(note: SongNote, step: int, song: Song) -> SongNote:
    """A note some steps away, moved to the nearest tone of its chord unless it is an octave."""
    if step % 12 == 0:
        return replace(note, pitch=note.pitch + step)
    chord = next(
        (c for c in song.chords if c.start <= note.start < c.end and c.root is not None), None
    )
    target = note.pitch + step
    if chord is None or chord.root is None:
        return replace(note, pitch=target)
    classes = {(chord.root + tone) % 12 for tone in figures.tones(chord)}
    near = min(
        range(target - 3, target + 4), key=lambda p: (p % 12 not in classes, abs(p - target))
    )
    return replace(note, pitch=near)


def _energies(song: Song, rng: np.random.Generator) -> list[float]:
    """How intense each section is, from 0 to 1: equal letters alike, the highest melody most."""
    heights: dict[str, list[int]] = defaultdict(list)
    for section in song.sections:
        heights[section.label] += [n.pitch for n in _during(song.melody, [section])]
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


def _drums(
    song: Song,
    style: str,
    bpm: float,
    declaration: "Rendered",
    grooves: Sequence[Groove],
    part: str,
    arranger: _Arranger,
    rng: np.random.Generator,
) -> tuple[list[Voice], bool]:
    manner, metre = STYLES[style], song.bars[0].metre
    if declaration.drums == "none" or rng.random() >= manner.drums:
        return [], False
    found = None
    if declaration.drums == "human" and not (style == "electronic" and rng.random() < 0.7):
        found = drumming.find(grooves, manner, bpm, metre, part, rng)
    found = found or drumming.pattern(style, metre, bpm, rng)
    plays = arranger.playing(float(rng.uniform(0.1, 0.5)))
    threshold = float(rng.uniform(0.2, 0.6))
    filling, crashing = rng.random(2) < (0.7, 0.7)
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
                light=arranger.energies[index] < threshold,
                fill=bool(filling and rng.random() < 0.8),
                crash=bool(crashing and index and plays[index - 1]),
                rng=rng,
            )
    ordered = sorted(hits, key=lambda hit: (hit.position, hit.drum))
    notes = tuple(SongNote(h.position, h.position + 0.1, h.drum, h.velocity) for h in ordered)
    there = [name for name in manner.kits if name in arranger.players] or ["drums"]
    player = arranger.players[there[int(rng.integers(len(there)))]].instrument
    level = float(rng.uniform(-5, 3))
    return [Voice("drums", player, "drums", notes, level, loose=not found.human)], found.human


def _bars(song: Song, section: Section) -> list[tuple[float, float, Metre]]:
    ends = [*(bar.start for bar in song.bars[1:]), song.end]
    return [
        (bar.start, end, bar.metre)
        for bar, end in zip(song.bars, ends, strict=True)
        if section.start - 1e-6 <= bar.start < section.end - 1e-6
    ]


def _where(sections: Sequence[Section], wanted: Sequence[bool]) -> list[Section]:
    return [section for section, want in zip(sections, wanted, strict=True) if want]


def _during(notes: Sequence[SongNote], sections: Sequence[Section]) -> tuple[SongNote, ...]:
    """The notes that start in some sections."""
    spans = [(s.start - 1e-3, s.end - 1e-3) for s in sections]
    return tuple(n for n in notes if any(a <= n.start < b for a, b in spans))


def _skyline(notes: Sequence[SongNote]) -> list[SongNote]:
    """The highest note at each time, none of which overlap."""
    top: list[SongNote] = []
    for note in sorted(notes, key=lambda n: (n.start, -n.pitch)):
        if top and note.start < top[-1].start + 1e-6:
            continue
        if top and note.start < top[-1].end - 1e-6:
            if note.pitch < top[-1].pitch:
                continue
            top[-1] = replace(top[-1], end=note.start)
        top.append(note)
    return top


def _centred(notes: Sequence[SongNote], player: Measured) -> list[SongNote]:
    """The notes in the octave that fits a player best; those who can, play where it is written."""
    if not notes:
        return []
    pitches = np.array([note.pitch for note in notes])
    outside: Callable[[int], float] = lambda octave: float(  # noqa: E731
        (
            (pitches + 12 * octave < player.program.low)
            | (pitches + 12 * octave > player.program.high)
        ).mean()
    )
    best = min(range(-3, 4), key=lambda octave: (round(outside(octave), 2), abs(octave)))
    return [replace(note, pitch=note.pitch + 12 * best) for note in notes]


def _in_range(notes: Sequence[SongNote], player: Measured) -> list[SongNote]:
    """Notes beyond a player's range come into it by octaves."""
    moved = []
    for note in notes:
        pitch = note.pitch
        while pitch < player.program.low:
            pitch += 12
        while pitch > player.program.high:
            pitch -= 12
        moved.append(replace(note, pitch=pitch))
    return moved


def _placed(voices: Sequence[Voice], rng: np.random.Generator) -> list[Voice]:
    """Give every voice its place and a level of its own."""
    width = float(rng.uniform(0.2, 0.9))
    return [
        replace(
            voice,
            pan=round(
                width * float(rng.uniform(-1, 1)) * (0.3 if voice.bus != "harmony" else 1), 3
            ),
            level=round(voice.level + float(rng.uniform(-3, 3)), 2),
        )
        for voice in voices
    ]
