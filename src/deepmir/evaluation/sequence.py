"""Prediction by networks that write symbols: one JAMS file for each test track, and a picture."""

from pathlib import Path

from deepmir.declarations.entry import SequenceEntry
from deepmir.errors import about
from deepmir.evaluation import prediction
from deepmir.features.inputs import open_inputs
from deepmir.files.annotations import Annotation


def predict(entry: SequenceEntry, *, threads: int) -> Path:
    """Predict every test track; returns the path of the list of predictions.

    Args:
        entry: what predicts, and what it is tested on.
        threads: of the CPU.

    Raises:
        DeepmirError: as `prediction.write`, and when the model is missing or broken.
    """
    import torch

    from deepmir.models import sequence

    torch.set_num_threads(threads)
    with about(entry.name):
        writer, _ = sequence.load(entry.folder)
        inputs = open_inputs(entry.files, entry.representation, on_the_fly=False)

    def annotate(track: str) -> list[Annotation]:
        features = inputs.features(track)
        return [writer.annotation(writer.write(features), len(features))]

    return prediction.write(entry, inputs, annotate)
