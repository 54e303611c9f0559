"""The judgement: metrics beside linear baselines, a map of the tracks, pictures, sounds."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.schema import Evaluation
from deepmir.drawing import figures
from deepmir.features import downmix
from deepmir.files.store import Store
from deepmir.generators import wav
from deepmir.generators.autoencoder import pictures, similarity
from deepmir.generators.autoencoder.coded import Listened, TestPart
from deepmir.generators.autoencoder.pictures import frames_of
from deepmir.generators.base import Sample
from deepmir.generators.judgement import (
    Estimate,
    Figure,
    Judgement,
    Map,
    Point,
    Sound,
    Sounds,
    estimate,
)
from deepmir.models.codes import Autoencoder

Floats = npt.NDArray[np.float64]

LISTENED = 2.5  # seconds of a track on the map
SHOWN = 3  # tracks in the picture
PLAYED = 4  # excerpts to listen to


@dataclass(frozen=True)
class Places:
    """The sources and destinations of files.

    Attributes:
        generated: the folder of generated files.
        figures: the folder of the judgement.
        samples: the generated samples.
    """

    generated: Path
    figures: Path
    samples: Sequence[Sample]


def of(
    entry: GeneratorEntry,
    network: Autoencoder,
    beside: Mapping[str, Autoencoder],
    part: TestPart,
    places: Places,
) -> Judgement:
    """Judge a trained model.

    Args:
        entry: the generator.
        network: its trained model.
        beside: baseline models of the same size, by name.
        part: the test tracks.
        places: of files.
    """
    own = part.through(network)
    others = {name: part.through(one) for name, one in beside.items()}
    options = entry.evaluation
    rate = entry.representation.sample_rate
    audio = entry.files.open_audio(rate)
    halves = {name: one.halves for name, one in {"": own, **others}.items()}
    found, notes = _searched({**halves, "mfcc": part.cepstra(audio, rate)}, part, options)
    for name, listened in {"": own, **others}.items():
        found[name]["unexplained"] = estimate(listened.unexplained, options, part.works)
    differences = {
        name: estimate(own.unexplained - one.unexplained, options, part.works)
        for name, one in others.items()
    }
    return Judgement(
        metrics=found.pop(""),
        baselines=found,
        differences=differences,
        figures=_figures(entry, network, beside, part, {"": own, **others}, places.figures),
        sounds=_sounds(places),
        maps=[_map(own.vectors, part, audio, rate, places.figures)],
        notes=notes,
    )


def _searched(
    halves: Mapping[str, Floats], part: TestPart, options: Evaluation
) -> tuple[dict[str, dict[str, Estimate]], list[str]]:
    """The precision of neighbours by system, and notes on the number of queries."""
    found: dict[str, dict[str, Estimate]] = {name: {} for name in (*halves, "chance")}
    count = len(part.tracks)
    notes = [
        f"Same recording: the first half of each of {count} test tracks is used to find "
        "its second half."
    ]
    for places in similarity.PLACES:
        key = f"same_recording_at_{places}"
        for name, each in halves.items():
            found[name][key] = estimate(similarity.within(each, places), options, part.works)
        lucky = np.full(count, min(places, count) / count)
        found["chance"][key] = estimate(lucky, options, part.works)
    near = {name: similarity.likeness(each.mean(1)) for name, each in halves.items()}
    for relation, labels in (("work", part.works), ("genre", part.genres)):
        same = similarity.related(labels)
        groups = [part.works[place] for place in np.flatnonzero(same.any(1))]
        asking = len(groups)
        if asking < similarity.QUERIES:
            notes.append(
                f"Of {len(same)} test tracks, {asking} have another of the same "
                f"{relation}: too few for a search."
            )
            continue
        notes.append(
            f"Same {relation}: {asking} of {len(same)} test tracks have another one, "
            f"{np.median(same.sum(1)[same.any(1)]):g} in the median; the others are searched too."
        )
        for places in similarity.PLACES:
            key = f"same_{relation}_at_{places}"
            for name, each in near.items():
                hits = similarity.precision(each, same, places)
                found[name][key] = estimate(hits, options, groups)
            found["chance"][key] = estimate(similarity.chance(same, places), options, groups)
    return found, notes


def _figures(
    entry: GeneratorEntry,
    network: Autoencoder,
    beside: Mapping[str, Autoencoder],
    part: TestPart,
    listened: Mapping[str, Listened],
    folder: Path,
) -> list[Figure]:
    other = next(iter(beside))
    rows = []
    with torch.inference_mode():
        for track in part.tracks[:SHOWN]:
            every = part.patches(track)
            middle = len(every) // 2
            z = network.standardised(every[middle : middle + 4])
            made = {"": network(z), other: beside[other](z)}
            shown = {"features": frames_of(network, z), "this model": frames_of(network, made[""])}
            shown[other] = frames_of(network, made[other])
            rows.append((track, shown))
    (folder / "patches.png").write_bytes(
        figures.png(pictures.side_by_side(rows, entry.representation))
    )
    losses = (listened[""].unexplained, listened[other].unexplained)
    (folder / "lost.png").write_bytes(figures.png(pictures.against(*losses, other)))
    return [
        Figure(
            "Reconstructions",
            f"Features of test tracks, and their reconstruction from {network.code} "
            f"numbers per patch of {part.frames / entry.representation.frame_rate:.2f} s.",
            "patches.png",
        ),
        Figure(
            "Reconstruction error",
            "Share of the variance of each test track that is lost; points below the "
            f"line lose less than {other}.",
            "lost.png",
        ),
    ]


def _sounds(places: Places) -> list[Sounds]:
    """Some generated files, copied beside the judgement."""
    groups = []
    for sample in places.samples[:PLAYED]:
        for file in sample.files:
            shutil.copyfile(places.generated / file, places.figures / file)
        picture = next((file for file in sample.files if file.endswith(".png")), "")
        players = [
            Sound(Path(file).stem.removeprefix(f"{sample.name}-").replace("-", " "), file)
            for file in reversed(sample.files)
            if file.endswith(".wav")
        ]
        if players:
            players[-1] = Sound(players[-1].label, players[-1].file, picture)
            said = ", ".join(f"{key}: {value}" for key, value in sample.said.items())
            caption = f"{said}. Phases are estimated wherever audio is made from features."
            groups.append(Sounds(sample.name, caption, players))
    return groups


def _map(vectors: Floats, part: TestPart, audio: Store, rate: int, folder: Path) -> Map:
    """The test tracks by their mean codes, with a few seconds of each."""
    size = vectors.shape[1]
    title, caption = "The code of Figure 14", "Test tracks by the mean of their codes."
    plane = vectors if size == 2 else principal_plane(vectors)
    if size != 2:
        title = "Map of the codes"
        caption = f"Test tracks by the first two principal axes of the mean of their {size} codes."
    points = []
    for track, (x, y), genre in zip(part.tracks, plane.tolist(), part.genres, strict=True):
        samples = downmix.samples_of(audio, track)
        middle = len(samples) // 2
        file = f"map-{track}.wav"
        excerpt = samples[middle : middle + round(LISTENED * rate)]
        wav.write(folder / file, excerpt, rate)
        points.append(Point(x, y, track, genre or "", file))
    return Map(title, caption, points)


def principal_plane(vectors: Floats) -> Floats:
    """Vectors on their first two principal axes, shapes (tracks, code) to (tracks, 2).

    A code with a single entry is 0 on the second axis.
    """
    centred = vectors - vectors.mean(0)
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((len(vectors), 2))
    found = (left * scale)[:, :2]
    plane[:, : found.shape[1]] = found
    return plane
