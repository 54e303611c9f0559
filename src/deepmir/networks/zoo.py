"""The tutorial's networks (section 5.7) and those it cites, in its notation, with their sources.

A published network has its published sizes if they are known; ``remark`` describes the
differences. Inputs are those of the source.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from deepmir.errors import DeepmirError
from deepmir.networks.shapes import InputShape, Output


@dataclass(frozen=True)
class Entry:
    """One network of the zoo.

    Attributes:
        name: its name in the documentation.
        notation: the network.
        source: the publication.
        section: of the tutorial that treats it.
        task: of the publication.
        input: of the publication.
        output: required by its task.
        remark: differences from the publication, or points to note.
    """

    name: str
    notation: str
    source: str
    section: str
    task: str
    input: InputShape
    output: Output
    remark: str


_CHROMA = InputShape(1, 105, 10.0, 24)
_VOICE = InputShape(1, 80, 70.0)
_TAGGING = InputShape(1, 96, 12000 / 256)
_MEL128 = InputShape(1, 128, 16000 / 512)
_BEATS = InputShape(1, 81, 100.0)
_PER_FRAME = Output(1, time_varying=True)
_TAGS = Output(50, time_varying=False)

_SCHLUETER_2016 = (
    "c2(64,3x3,valid,leaky,bn) - c2(32,3x3,valid,leaky,bn) - p2(3x3,stride=3x1) - "
    "c2(128,3x3,dilation=1x3,valid,leaky,bn) - c2(64,3x3,dilation=1x3,valid,leaky,bn) - "
    "c2(128,18x3,dilation=1x3,valid,leaky,bn) - p1(4,drop=0.5) - "
    "c1(256,31,dilation=3,leaky,bn,drop=0.5) - d1(64,leaky,bn,drop=0.5) - d1"
)
_FCN5 = (
    "c2(32,3x3,elu,bn) - p2(2x4) - c2(128,3x3,elu,bn) - p2(2x4) - c2(128,3x3,elu,bn) - p2(2x4) - "
    "c2(192,3x3,elu,bn) - p2(3x5) - c2(256,3x3,elu,bn) - p2(4x4)"
)
_BEAT_FRONT = (
    "c2(16,3x3,valid,elu,drop=0.1) - p1(3) - c2(16,3x3,valid,elu,drop=0.1) - p1(3) - "
    "c2(16,8x1,valid,elu,drop=0.1)"
)
_MUSICNN_FRONT = (
    "[c2(204,38x7,valid,bn) - p1(global,max) | c2(204,67x7,valid,bn) - p1(global,max) | "
    "c2(51,1x128,bn) - p1(global,max) | c2(51,1x64,bn) - p1(global,max) | "
    "c2(51,1x32,bn) - p1(global,max)]"
)


def _leglaive(name: str, widths: str) -> Entry:
    layers = " - ".join(f"r1({width},lstm)" for width in widths.split())
    return Entry(
        name,
        f"{layers} - d1",
        "after Leglaive et al., ICASSP 2015",
        "5.7.1",
        "singing voice, frame by frame",
        InputShape(2, 40, 31.25),
        _PER_FRAME,
        "harmonic and percussive mel-spectrograms as two channels; widths of this project",
    )


ZOO: tuple[Entry, ...] = (
    Entry(
        "dnn",
        "d2(512,15,drop=0.5) - d2(512,1,drop=0.5) - d2(512,1,drop=0.5) - d1",
        "Korzeniowski and Widmer, ISMIR 2016",
        "5.7.1",
        "chroma, frame by frame",
        _CHROMA,
        Output(12, time_varying=True),
        "sees 15 frames; the layers after the first see one frame each",
    ),
    Entry(
        "conv2d-varying",
        "2x[c2(64,3x3,leaky,bn)] - p1(3) - 2x[c2(128,3x3,leaky,bn)] - p1(3) - "
        "c2(128,3x3,leaky,bn) - p1(4,drop=0.5) - d1(256,leaky,bn,drop=0.5) - "
        "d1(64,leaky,bn,drop=0.5) - d1",
        "after Schlüter, ISMIR 2016",
        "5.7.1",
        "singing voice, frame by frame",
        _VOICE,
        _PER_FRAME,
        "the tutorial's letters; pools along frequency alone, so that every frame is kept",
    ),
    Entry(
        "conv2d-dense",
        _SCHLUETER_2016,
        "Schlüter, ISMIR 2016",
        "5.7.1",
        "singing voice, frame by frame",
        _VOICE,
        _PER_FRAME,
        "the published patch network as one dense pass: a pool over time of stride 1, then "
        "dilation 3; sees the published 115 frames",
    ),
    _leglaive("rnn-2", "40"),
    _leglaive("rnn-3", "40 40"),
    _leglaive("rnn-4", "30 20 40"),
    _leglaive("rnn-5", "30 20 40 40"),
    Entry(
        "conv1d",
        "c1(32,8) - p1(4) - c1(32,8) - p1(4) - d1(100) - d1(100) - d1",
        "Dieleman and Schrauwen, ICASSP 2014",
        "5.7.2",
        "tags",
        _MEL128,
        _TAGS,
        "the tutorial's three dense layers; the source has two",
    ),
    Entry(
        "conv1d-raw",
        "c1(128,256,stride=256) - c1(32,8) - p1(4) - c1(32,8) - p1(4) - d1(100) - d1(100) - d1",
        "Dieleman and Schrauwen, ICASSP 2014",
        "4.4",
        "tags",
        InputShape(1, 1, 16000.0),
        _TAGS,
        "a strided first layer on raw audio learns what a spectrogram would do (Figure 9)",
    ),
    Entry(
        "sample-cnn",
        "c1(128,3,stride=3,bn) - 2x[c1(128,3,bn) - p1(3)] - 6x[c1(256,3,bn) - p1(3)] - "
        "c1(512,3,bn) - p1(3) - c1(512,1,bn,drop=0.5) - d1",
        "Lee et al., SMC 2017",
        "4.4",
        "tags",
        InputShape(1, 1, 22050.0),
        _TAGS,
        "raw audio in grains of three samples; 59,049 samples leave one frame",
    ),
    Entry(
        "conv2d",
        "c2(32,3x3,bn) - p2(2x4) - c2(64,3x3,bn) - p2(4x4) - d1",
        "after Choi et al., ISMIR 2016",
        "5.7.2",
        "tags",
        _TAGGING,
        _TAGS,
        "the tutorial's letters; sizes of this project",
    ),
    Entry(
        "conv2d-5",
        f"{_FCN5} - d1",
        "Choi et al., ISMIR 2016",
        "5.7.2",
        "tags",
        _TAGGING,
        _TAGS,
        "the published code's 865,950 parameters, less those that normalise its input",
    ),
    Entry(
        "crnn",
        "c2(64,3x3,elu,bn) - p2(2x2,drop=0.1) - c2(128,3x3,elu,bn) - p2(3x3,drop=0.1) - "
        "c2(128,3x3,elu,bn) - p2(4x4,drop=0.1) - c2(128,3x3,elu,bn) - p2(4x4,drop=0.1) - "
        "r1(32,forward) - r2(32,forward,drop=0.3) - d1",
        "Choi et al., ICASSP 2017",
        "5.7.2",
        "tags",
        _TAGGING,
        _TAGS,
        "the published code's 396,786 parameters, less those that normalise its input",
    ),
    Entry(
        "inception",
        "c2(32,3x3,bn) - p2(2x4) - 2x[[c2(16,1x1,bn) | c2(16,1x1,bn) - c2(16,3x3,bn) | "
        "c2(16,1x1,bn) - c2(16,5x5,bn) | p2(3x3,stride=1x1) - c2(16,1x1,bn)] - p2(2x4)] - "
        "p2(global) - d1",
        "after Szegedy et al., CVPR 2015",
        "4.4",
        "tags",
        _TAGGING,
        _TAGS,
        "kernels of several shapes in one layer; sizes of this project",
    ),
    Entry(
        "musical-shapes",
        f"{_MUSICNN_FRONT} - c1(64,7,bn) - 2x[res[c1(64,7,bn)]] - "
        "[p1(global,drop=0.5) | p1(global,max,drop=0.5)] - d1(200,bn,drop=0.5) - d1",
        "Pons and Serra, ISMIR late-breaking 2019 (musicnn)",
        "4.4",
        "tags",
        InputShape(1, 96, 16000 / 256),
        _TAGS,
        "tall kernels for timbre, wide ones for rhythm; without the source's dense connections",
    ),
    Entry(
        "fully-convolutional",
        "5x[c2(8,5x5,elu)] - d1(48,elu) - p1(global) - d1",
        "Korzeniowski and Widmer, EUSIPCO 2017",
        "4.3.1",
        "key",
        InputShape(1, 105, 5.0, 24),
        Output(24, time_varying=False),
        "input of any length: a dense layer frame by frame, then the mean over time",
    ),
    Entry(
        "tcn",
        f"{_BEAT_FRONT} - 11x[res[c1(16,5,dilation=2^n,elu,drop=0.1)]] - d1",
        "after Davies and Böck, EUSIPCO 2019",
        "none",
        "beats",
        _BEATS,
        _PER_FRAME,
        "one dilated convolution in each residual block",
    ),
    Entry(
        "transformer",
        f"{_BEAT_FRONT} - d1(64,identity) - 2x[t1(heads=4,drop=0.1)] - d1",
        "after Vaswani et al., NeurIPS 2017",
        "none",
        "beats",
        _BEATS,
        _PER_FRAME,
        "for comparison with the recurrent and the dilated network; sizes of this project",
    ),
)
"""All networks, in the tutorial's order."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def is_name(text: str) -> bool:
    """Whether a text is meant as a name in the zoo: a notation has brackets, or is `d1`."""
    return bool(_NAME.fullmatch(text)) and text != "d1"


def entry(name: str) -> Entry:
    """The network with a name.

    Raises:
        DeepmirError: if there is none, with the closest name.
    """
    by_name = {each.name: each for each in ZOO}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else f" (it has {', '.join(by_name)})"
        raise DeepmirError(f"the zoo has no network {name!r}{hint}")
    return by_name[name]


def listing() -> str:
    """The zoo as a table: name, task, source."""
    rows = [("name", "task", "source"), *((e.name, e.task, e.source) for e in ZOO)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows]
    return "\n".join([*lines, "", "deepmir network NAME shows one of them"])
