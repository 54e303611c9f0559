"""One track from its score to its two files."""

import hashlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.writing import replacing
from deepmir_render.labelling.descriptions import describe, sections, voice
from deepmir_render.labelling.facts import facts_of
from deepmir_render.labelling.labels_plain import label
from deepmir_render.mixing import effects
from deepmir_render.playing.instruments import SINGING
from deepmir_render.playing.performance_plain import SAMPLE_RATE, Performance, perform
from deepmir_render.playing.synthesis_plain import synthesise
from deepmir_render.singing.singing import Sung, mixed, sing
from deepmir_render.sources.catalogue import Work, works
from deepmir_render.writing.arrangement_plain import arrange
from deepmir_render.writing.song_plain import arrange_song

if TYPE_CHECKING:
    from deepmir_render.plain_tracks import ScoreTrack


def random_streams(seed: int, track: str, count: int) -> list[np.random.Generator]:
    """Independent random numbers for one track, whatever other tracks there are."""
    digest = int.from_bytes(hashlib.sha256(track.encode()).digest()[:8], "big")
    return [np.random.default_rng(s) for s in np.random.SeedSequence([seed, digest]).spawn(count)]


def render_work(track: "ScoreTrack", seed: int, audio_path: Path, jams_path: Path) -> float:
    """What :func:`deepmir_render.plain_tracks.render` does."""
    work = _work(track)
    arranging, performing, colouring, voicing = random_streams(seed, track.id, 4)
    song = track.style == "song"
    arranged = (arrange_song if song else arrange)(work.read(), arranging)
    performance, sung = _sung(perform(arranged, performing), voicing)
    drawn = effects.draw_effects(colouring)
    sound = effects.apply(_mixed(synthesise(performance), sung), drawn, colouring)
    _write_flac(audio_path, sound)
    facts = facts_of(performance, work.genre, drawn, effects.level_of(sound))
    more = describe(performance, facts)
    if song:
        spans = () if sung is None else sung.spans
        more += [sections(performance), voice(spans)]
    sandbox = _sandbox(track, work, seed, performance) | {"effects": asdict(drawn)}
    artist = "J. S. Bach" if work.chorale else "Traditional"
    annotations.write(jams_path, label(performance, work.title or work.id, artist, sandbox, more))
    return performance.duration


def _sung(performance: Performance, rng: np.random.Generator) -> tuple[Performance, Sung | None]:
    """The performance with what its singer makes of the notes; it has one singer at most."""
    singer = performance.arrangement.singer
    if singer is None:
        return performance, None
    index = next(i for i, p in enumerate(performance.parts) if p.instrument == SINGING)
    sung = sing(performance.parts[index], singer, performance.samples, rng)
    parts = (*performance.parts[:index], sung.part, *performance.parts[index + 1 :])
    return replace(performance, parts=parts), sung


def _mixed(played: effects.Stereo, sung: Sung | None) -> effects.Stereo:
    return played if sung is None else mixed(played, sung)


def _work(track: "ScoreTrack") -> Work:
    found = next((work for work in works() if work.id == track.work), None)
    if found is None:
        raise DeepmirError(f"{track.id}: the catalogue of scores has no work {track.work}")
    return found


def _write_flac(path: Path, sound: effects.Stereo) -> None:
    """Write 16 bits with fixed predictors: others are computed in floating point by the encoder."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        samples = effects.to_int16(sound)
        soundfile.write(
            temporary, samples, SAMPLE_RATE, "PCM_16", format="FLAC", compression_level=0.0
        )


def _sandbox(
    track: "ScoreTrack", work: Work, seed: int, performance: Performance
) -> dict[str, object]:
    arrangement = performance.arrangement
    singer = arrangement.singer
    return {
        "singer": None if singer is None else asdict(singer),
        "style": track.style,
        "work": work.id,
        "group": track.group,
        "collection": track.collection,
        "licence": track.licence,
        "source": work.path if work.chorale else f"{work.path}#{work.number}",
        "seed": seed,
        "transposition": arrangement.transposition,
        "metre": str(arrangement.score.metre),
        "programs": [part.instrument.program for part in performance.parts],
    }
