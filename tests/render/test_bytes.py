"""A rendered set is the same everywhere: byte for byte on the platform of the recorded hashes.

`bytes.json` was recorded on Linux on x86-64, and is the same with every Python there. Other
processors may round the last bit of a sum differently, so elsewhere samples may differ by 1 of
32768. If a change of the sound is intended, ``python tests/render/test_bytes.py`` records
it again.
"""

import hashlib
import json
import platform
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deepmir_render import recipes, tracks
from deepmir_render.rendering import render

RECORDED = Path(__file__).with_name("bytes.json")
SEED = 2017
FRAMES = 250  # that are compared where not every byte is
EXACT = platform.system() == "Linux" and platform.machine() == "x86_64"


def chosen():
    """Tracks with chorales, tunes, drums and accompaniments, and with singing."""
    mixture = tracks.mixture(["music21"], 1, 30, 0, Path())
    return {
        **dict.fromkeys(tracks.scores("small")[:3], recipes.PLAIN),
        **dict.fromkeys(tracks.scores("small", "song")[:2], recipes.SONG),
        mixture[0]: replace(recipes.RENDERED, seconds=(30.0, 30.0), drums="patterns"),
    }


def made(track, folder):
    """The recorded properties of a track."""
    audio, jams = folder / "track.flac", folder / "track.jams"
    render(track, replace(chosen()[track], seed=SEED), audio, jams)
    samples, _ = soundfile.read(audio, dtype="int16")
    places = np.linspace(0, len(samples) - 1, FRAMES).astype(int)
    return {
        "length": len(samples),
        "samples": hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest(),
        "annotations": hashlib.sha256(jams.read_bytes()).hexdigest(),
        "left": samples[places, 0].tolist(),
        "right": samples[places, 1].tolist(),
    }


@pytest.mark.parametrize("track", chosen(), ids=lambda track: track.id)
def test_a_track_is_the_one_that_was_recorded(track, tmp_path):
    found = made(track, tmp_path)
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[track.id]
    assert found["length"] == recorded["length"]
    for side in ("left", "right"):
        np.testing.assert_allclose(found[side], recorded[side], rtol=0, atol=1, err_msg=side)
    if EXACT:
        assert found == recorded


def record():
    with tempfile.TemporaryDirectory() as folder:
        tracks = {track.id: made(track, Path(folder)) for track in chosen()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(of)}" for name, of in tracks.items())
    RECORDED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    record()
