"""How confident the networks of `deepmir analyze` are, and how often they are right.

Run at the top, before `deepmir ship`: ``python studies/recordings/calibrate.py``. Training now fits
a curve from the one to the other itself; this is for networks trained before it did. For rendered
music it is fitted to the validation part of `rendered-again`, for recordings to pieces of `kml`,
whose composer names the instruments, that are outside training and test; each is printed with the
expected calibration error on the test part. The curve for recordings is written to the card.
"""

import argparse
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from named_instruments import families
from words_of_feel import SAID, genres_of

import deepmir
from deepmir.datasets.index import Track
from deepmir.declarations import entries, loading
from deepmir.declarations.entry import Entry
from deepmir.drawing import figures
from deepmir.evaluation.prediction import activations
from deepmir.features import corpus, downmix
from deepmir.files.annotations import Jams
from deepmir.models import calibration, model
from deepmir.models.card import read_network_card, task_of, write_card
from deepmir.report import reliability
from deepmir.tasks.shared import tags

Floats = npt.NDArray[np.float64]

MODELS = Path("models")
RENDERED = ("key", "chord", "genre", "instrument")
# Parts of `kml` that the networks have not heard.
RECORDED = {"instrument": ("validation",), "tagging": ("train", "validation")}


def on_rendered(entry: Entry, heard: Entry) -> dict[str, Floats]:
    """What a network says of rendered tracks, by their part."""
    network, card, representation = model.load(entry.folder)
    task = task_of(card)
    decode = task.decoder(representation.frame_rate, **card.options(card.task))
    # Both rendered sets have the same parts, so that no test track was heard in training.
    files = replace(heard.files, heard=())
    store = files.open_audio(representation.sample_rate)

    def claims(track: Track, reference: Jams) -> Floats:
        features = representation(downmix.samples_of(store, track.id))
        said = decode(activations(network, card, features))
        return task.claims(reference, Jams(reference.duration, tuple(said)))

    def of(tracks: Iterable[Track]) -> Floats:
        known = [track for track in tracks if track.id in store]
        references = corpus.read_annotations(known, task.namespaces)
        return np.concatenate([claims(t, references[t.id]) for t in known])

    divided = files.read().divided
    return {"validation": of(divided.validation), "test": of(divided.test)}


def on_recordings(entry: Entry, recorded: Entry) -> dict[str, Floats]:
    """What a network says of pieces whose composer names instruments and genre, by their part."""
    task = entry.task.name
    card = read_network_card(entry.folder)
    write_card(entry.folder, card.model_copy(update={"calibration": {}}))

    def claims(track: Track, reference: Jams) -> list[tuple[float, bool, float]]:
        instruments = tags.words(reference, "instrument") or {}
        said = {*families(instruments), *instruments}
        if task == "tagging":
            said |= genres_of(tags.words(reference, "genre") or {})
        if not said:
            return []
        heard = deepmir.analyze(track.audio, tasks=[task], models=MODELS)
        known = [
            (tag.confidence or 0.0, tag.label in said, 1.0)
            for tag in heard.tags or ()
            if tag.label in SAID
        ]
        return known + [
            (span.confidence or 0.0, span.label in said, span.end - span.start)
            for span in heard.instruments or ()
        ]

    def of(tracks: Iterable[Track]) -> Floats:
        references = corpus.read_annotations([*tracks], ("tag_open",))
        rows = [row for track in tracks for row in claims(track, references[track.id])]
        return np.array(rows, dtype=np.float64).reshape(-1, 3)

    divided = replace(recorded.files, duplicates=None, heard=()).read().divided
    unheard = [track for part in RECORDED[task] for track in getattr(divided, part)]
    return {"validation": of(unheard), "test": of(divided.test)}


def row(title: str, found: Mapping[str, Floats], curve: calibration.Calibration | None) -> str:
    """A row of the table."""
    test = found["test"]
    sure, right = (np.average(test[:, k], weights=test[:, 2]) for k in (0, 1))
    before, after = (calibration.error(calibration.calibrated(test, c)) for c in (None, curve))
    return f"| {title} | {len(test)} | {sure:.3f} | {right:.3f} | {before:.3f} | {after:.3f} |"


def main() -> None:
    """Print the table, and calibrate the cards in `models`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="of the tags' reliability, a PNG")
    options = parser.parse_args()
    picture = options.picture and options.picture.absolute()
    os.chdir(Path(__file__).parent)
    declared = loading.load()
    every = entries.everything(declared)
    print("| answers | tested | sure | right | error | calibrated |\n|---|---|---|---|---|---|")
    for task in RENDERED:
        found = on_rendered(every[declared.defaults[task]], every["beat-again"])
        curve = calibration.fit(found["validation"])
        print(row(f"{task}, rendered songs", found, curve), flush=True)
    for task in RECORDED:
        entry = every[declared.defaults[task]]
        found = on_recordings(entry, every["tempo-kml-before"])
        curve = calibration.fit(found["validation"])
        print(row(f"{task}, recordings", found, curve), flush=True)
        assert curve is not None
        card = read_network_card(entry.folder)
        write_card(entry.folder, card.model_copy(update={"calibration": {task: curve}}))
        if task == "tagging" and picture:
            sides = {
                "as the network states it": found["test"],
                "calibrated on other pieces": calibration.calibrated(found["test"], curve),
            }
            picture.write_bytes(figures.png(reliability.diagram(sides)))


if __name__ == "__main__":
    main()
