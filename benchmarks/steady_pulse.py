"""Beats with one steady pulse through a whole recording against those of the path alone.

Run by hand: ``python benchmarks/steady_pulse.py FOLDER ...``, folders of recordings with beats or a
tempo beside them. Both decoders read the same activations.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from agreement import recordings, said

from deepmir.analysis import activations
from deepmir.decoders.bar_pointer import BarPointer, Beats
from deepmir.files import audio
from deepmir.files.annotations import Annotation, Jams, Observation

METRICS = ("f_measure", "cemgil", "amlt", "downbeat_f")
EXACT = 1e-3  # share by which a tempo may differ

Floats = npt.NDArray[np.float64]


def as_jams(beats: Beats, duration: float) -> Jams:
    """A decoder's answer as the task's metrics read it."""
    pairs = zip(beats.times.tolist(), beats.positions.tolist(), strict=True)
    observations = tuple(Observation(time, 0.0, position) for time, position in pairs)
    return Jams(duration, (Annotation("beat", observations),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    (network,) = activations.models_of(["beat"], None)
    rate = network.representation.frame_rate
    decoders = (BarPointer(frame_rate=rate, in_phase=1), BarPointer(frame_rate=rate))
    for folder in parser.parse_args().folders:
        scores: list[list[dict[str, float]]] = []
        tempi: list[list[float]] = []
        steady, known = 0, recordings([folder])
        for path, jams in known:
            computed = activations.features(audio.from_file(path), [network])
            features = computed.features[network.representation.digest]
            values = activations.decodable(network, features)
            path_alone, beats = (decode(values) for decode in decoders)
            steady += not np.array_equal(path_alone.times, beats.times)
            said_of = [as_jams(each, jams.duration) for each in (path_alone, beats)]
            scores.append([network.task.metrics(jams, each) for each in said_of])
            if tempo := jams.first("tempo"):
                bpm = float(tempo.observations[0].value)
                tempi.append([abs(each.tempo / bpm - 1) for each in (path_alone, beats)])
        print(f"{folder.name}: {len(known)} recordings, {steady} with a steady pulse")
        for name in METRICS:
            rows = [[each[name] for each in both] for both in scores if name in both[0]]
            if rows:
                old, new = np.array(rows, dtype=np.float64).T
                print(f"  {name:12}{len(rows):4}  {said(old)}  {said(new)}  {said(new - old)}")
        if tempi:
            shares = (np.array(tempi) < EXACT).mean(axis=0)
            print(f"  tempo within {EXACT:.1%}: {shares[0]:.2f}, {shares[1]:.2f} of {len(tempi)}")


if __name__ == "__main__":
    main()
