"""Every field of every declaration refuses nonsense."""

import copy
import math
from typing import get_args

import pytest
import yaml
from onnx import helper

import tiny
from deepmir import representations
from deepmir.datasets.folder.dataset import Folder
from deepmir.datasets.published.dataset import Mirdata
from deepmir.datasets.recordings.jamendolyrics import JamendoLyrics
from deepmir.declarations import loading, schema, varying
from deepmir.declarations.generators.autoencoder import Autoencoder
from deepmir.declarations.generators.gan import Gan
from deepmir.declarations.generators.wavenet import WaveNet
from deepmir.declarations.training import Training
from deepmir.decoders.activity import Activity
from deepmir.decoders.bar_pointer import BarPointer
from deepmir.decoders.chord_sequence import ChordSequence
from deepmir.decoders.melody_viterbi import MelodyViterbi
from deepmir.decoders.onset_gated import OnsetGated
from deepmir.decoders.peaks import PeakPicker
from deepmir.decoders.sections import SectionFinder
from deepmir.decoders.vector_frames import VectorFrames
from deepmir.errors import DeepmirError
from deepmir.fields import Declaration
from deepmir.sequences.options import Decoding

NONSENSE = {
    "null": None,
    "yes": True,
    "empty": "",
    "blanks": "  ",
    "x": "x",
    "lines": "a\nb",
    "digits": "3",
    "long": "x" * 10_000,
    "-1": -1,
    "0": 0,
    "2.5": 2.5,
    "1e30": 1e30,
    "10**30": 10**30,
    "10**400": 10**400,
    "-0.0001": -0.0001,
    "nan": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
    "list": [],
    "mapping": {},
    "nested": [[]],
    "numbers": [1, True, None],
    "of a number": {1: 2},
    "of text": {"x": "x"},
}

# Nonsense that is valid after all, by field. Everything else is refused.
ZERO_IS_NONE = {"0"}
OPTIONAL = {"null"}
NOTHING_DECLARED = {"null", "mapping"}
A_NUMBER = {"2.5"}
A_FLAG = {"yes"}
FOLDER = {"x", "digits"}
A_SPAN = {"0", "2.5"}
THRESHOLDS = {
    **dict.fromkeys(("threshold", "onset_threshold", "frame_threshold"), ZERO_IS_NONE),
    **dict.fromkeys(("width", "around"), A_SPAN),
}
ACCEPTED = {
    "Params": {
        **dict.fromkeys(("experiments", "baselines", "folds", "carried"), NOTHING_DECLARED),
        **dict.fromkeys(("decoders", "defaults", "withheld", "evaluation"), NOTHING_DECLARED),
        **dict.fromkeys(("sequences", "generators", "searches"), NOTHING_DECLARED),
        **dict.fromkeys(("datasets", "representations", "sweeps"), NOTHING_DECLARED),
        "quick": {"list"},
    },
    "Experiment": {
        "labels": {"list"},
        **dict.fromkeys(("also", "auxiliary", "class_weights", "deformations"), NOTHING_DECLARED),
        "training": NOTHING_DECLARED,
        "start_from": OPTIONAL,
        "ensemble": set(),
        "precompute": {"yes"},
    },
    "SequenceNetwork": dict.fromkeys(("decoder", "deformations", "training"), NOTHING_DECLARED),
    "Decoding": {"drop": ZERO_IS_NONE, "step": A_NUMBER},
    "Sweep": {"settings": NOTHING_DECLARED},
    "Coding": {"training": NOTHING_DECLARED},
    "Autoencoder": {"decoder": {"empty"}, **dict.fromkeys(("noise", "variational"), A_SPAN)},
    "Search": {"seed": ZERO_IS_NONE},
    "Range": {"log": {"yes"}},
    "Baseline": {
        "labels": {"list"},
        **dict.fromkeys(("tracks", "representation"), OPTIONAL),
        "seed": set(),  # of `tracks` alone
    },
    "Training": {
        "seed": ZERO_IS_NONE,
        **dict.fromkeys(("patches_per_epoch", "tracks"), OPTIONAL),
        "frozen": ZERO_IS_NONE,
        **dict.fromkeys(("patch_seconds", "learning_rate", "gradient_clip"), A_NUMBER),
        "weight_decay": {"0", "2.5"},
        "weight_average": ZERO_IS_NONE,
        "health": {"yes"},
        "standardise": {"yes"},
        "workers": ZERO_IS_NONE,
    },
    "Evaluation": {"seed": ZERO_IS_NONE},
    "Dataset": {
        "max_failures": {"0"},
        "min_seconds": A_NUMBER,
        "seconds": A_NUMBER,
        "seed": ZERO_IS_NONE,
        "limit": OPTIONAL,
        # A folder may have any name; one that is not there is named, not refused.
        **dict.fromkeys(("path", "home"), FOLDER),
    },
    "Mirdata": {"audio": OPTIONAL},
    "Rendered": {
        "hours": A_NUMBER,
        "seconds": set(),
        "whole": {"0"},
        "test_soundfont": OPTIONAL,
        "people": OPTIONAL,
        "singers": {"list"},
        **dict.fromkeys(("timing", "transposition"), A_FLAG),
    },
    "Base": {
        "conditioning": {"list"},
        "separation": OPTIONAL,
        "fmin": {"0", "2.5"},
        "fmax": OPTIONAL,
        "source": {"mapping"},
        "filter_scale": A_NUMBER,
    },
    "Cqt": {"fmin": A_NUMBER},
    # What is found is not asked for; it is replaced.
    "Network": {"source": set(), "seed": ZERO_IS_NONE, "weights": {"empty", "digits"}},
    "Onnx": {
        **{"source": set(), "output": OPTIONAL, "sha256": {"empty", "digits"}},
        **dict.fromkeys(("first", "margin"), ZERO_IS_NONE),
    },
    "Code": {
        **{"source": set(), "weights": {"empty", "digits"}, "variational": {"yes"}},
        "network": {"empty", "blanks", "x", "lines", "digits", "long"},
    },
    "LogFrequency": {"fmin": A_NUMBER},
    "Chroma": {"source": set()},
    "Hcqt": {"source": set()},  # the octave of its default is too high for a CQT's
    "Step": {
        "range": {"null", "2.5"},
        "gain": {"0", "2.5"},
        **dict.fromkeys(("epsilon", "reference", "floor", "scale", "bias", "power"), A_NUMBER),
        **dict.fromkeys(("time_constant", "frames", "bins"), A_NUMBER),
    },
    "BarPointer": {
        **dict.fromkeys(("num_tempi", "oversampling"), OPTIONAL),
        "transition_lambda": {"0", "2.5"},
        "temperature": A_NUMBER,
        "threshold": set(),
        "in_phase": ZERO_IS_NONE,
    },
    "ChordSequence": {
        **dict.fromkeys(("transitions", "durations"), OPTIONAL),
        **{key: {"0", "2.5"} for key in ("transition_weight", "none_cost")},
    },
    "Activity": THRESHOLDS,
    "OnsetGated": {
        **THRESHOLDS,
        **dict.fromkeys(("overtone", "sure"), ZERO_IS_NONE),
        "shortest": A_SPAN,
    },
    "MelodyViterbi": {**THRESHOLDS, "weight": {"0", "2.5"}, "limit": {"0", "2.5"}},
    "PeakPicker": {
        **dict.fromkeys(("pre_max", "post_max", "combine"), A_SPAN),
        **dict.fromkeys(("pre_avg", "post_avg"), OPTIONAL | A_SPAN),
        **dict.fromkeys(("threshold", "relative"), ZERO_IS_NONE),
    },
    "SectionFinder": {"threshold": ZERO_IS_NONE, "window": A_NUMBER},
    "VectorFrames": {"max_rate": A_NUMBER},
    "Separation": dict.fromkeys(("power", "margin"), A_NUMBER),
    "GeneratorBase": {"training": NOTHING_DECLARED},
    "Gan": {"conditions": {"list"}, "gradient_penalty": set()},
    "WaveNet": {"conditioning": {"list"}, "classifier": OPTIONAL},
    "InstrumentNotes": {"detune": ZERO_IS_NONE},
}


def accepted(model, field):
    """The annotation of a field, from its model or from the kind of its model."""
    for base in model.__mro__:
        if field in ACCEPTED.get(base.__name__, {}):
            return ACCEPTED[base.__name__][field]
    return set()


SMALL = yaml.safe_load("""
datasets: {d: {source: scores}, other: {source: scores, seed: 1}}
representations:
  r: {kind: cqt, hop: 4410, fmin: 65.406, bins: 60, bins_per_octave: 12, conditioning: [{kind: log}]}
  m: {kind: mel, window: 512, bins: 16}
  a: {kind: audio}
experiments:
  e: {dataset: d, task: key, representation: r, network: d1, training: {}}
  i: {dataset: d, task: instrument, representation: m, network: d1}
baselines: {b: {dataset: d, task: key, method: krumhansl}}
folds: {f: {dataset: d, entry: e, folds: 3}}
carried: {c: {dataset: other, model: e}}
sweeps: {s: {of: e, vary: {training.seed: [2, 3]}}}
generators: {g: {kind: pca, dataset: d, representation: r}}
searches: {t: {of: e, trials: 2, search: {training.batch_size: {low: 2, high: 8}}}}
decoders: {beat: {}}
evaluation: {}
defaults: {key: e}
""")  # noqa: E501
ALONE = {"datasets": {}, "representations": {}}  # what such a section says concerns no other
SEQUENCE = {"dataset": "d", "task": "chord", "representation": "r", "network": "d1"}
REPRESENTATIONS = get_args(get_args(representations.Representation)[0])
GENERATORS = get_args(get_args(schema.Generator)[0])
SOURCES = get_args(get_args(schema.Dataset)[0])
STEPS = get_args(get_args(representations.Conditioning)[0])
DECODERS = {
    "beat": BarPointer,
    "chord": ChordSequence,
    "singing": Activity,
    "melody": MelodyViterbi,
    "notes": OnsetGated,
    "onset": PeakPicker,
    "structure": SectionFinder,
    "instrument": Activity,
    "chroma": VectorFrames,
}
NEEDED = {  # by the class that asks for it
    Folder: {"path": "recordings"},
    Mirdata: {"name": "giantsteps_key", "home": "giantsteps"},
    JamendoLyrics: {"home": "jamendo"},
    Gan: {"representation": "m", "classifier": "i"},
    WaveNet: {"representation": "a"},
    representations.Separation: {"keep": "harmonic"},
    representations.Onnx: {
        **{"file": "network.onnx", "source": {"kind": "audio", "hop": 1}},
        **{"input_axes": ["batch", "samples"], "output_axes": ["batch", "frames"]},
    },
    representations.Code: {"model": "g"},
    Autoencoder: {"encoder": "d1"},
}


def tagged(model):
    """The minimal declaration of a model."""
    tags = {
        name: words[0]
        for name in ("kind", "source")
        if name in model.model_fields
        and len(words := get_args(model.model_fields[name].annotation)) == 1
    }
    return tags | NEEDED.get(model, {})


def places():
    """Every model with its path in the declarations, and the value to put there."""
    yield schema.Params, (), ALONE
    for section, name, model in (
        ("experiments", "e", schema.Experiment),
        ("baselines", "b", schema.Baseline),
        ("folds", "f", schema.CrossValidation),
        ("carried", "c", schema.Carried),
        ("sweeps", "s", varying.Sweep),
        ("searches", "t", varying.Search),
    ):
        yield model, (section, name), SMALL[section][name]
    key = "training.batch_size"
    ends = SMALL["searches"]["t"]["search"][key]
    yield varying.Range, ("searches", "t", "search", key), ends
    yield Training, ("training",), {}
    yield Training, ("experiments", "e", "training"), {}
    yield schema.SequenceNetwork, ("sequences", "q"), SEQUENCE
    yield Decoding, ("sequences", "q", "decoder"), {}
    yield schema.Evaluation, ("evaluation",), {}
    for generator in GENERATORS:
        least = {"dataset": "d", "representation": "r"}
        yield generator, ("generators", "g"), least | tagged(generator)
    for source in SOURCES:
        yield source, ("datasets", "more"), tagged(source)
    for kind in REPRESENTATIONS:
        yield kind, ("representations", "more"), tagged(kind)
        if "separation" in kind.model_fields:
            path = ("representations", "more", "separation")
            yield representations.Separation, path, tagged(representations.Separation)
    for task, decoder in DECODERS.items():
        yield decoder, ("decoders", task), {}
    for step in STEPS:
        yield step, ("representations", "more", "conditioning", 0), tagged(step)


def put(raw, path, value):
    """A copy of declarations with a value at a path, creating its parents."""
    raw = copy.deepcopy(raw)
    node = raw
    for part in path[:-1]:
        node = node.setdefault(part, {}) if isinstance(node, dict) else node[part]
    node[path[-1]] = value
    return raw


def declared(path, least):
    """Declarations in which a model is declared minimally."""
    if path[-2:] == ("conditioning", 0):
        return put(ALONE, path[:2], {"kind": "mel", "conditioning": [least]})
    if path[-1:] == ("separation",):
        return put(ALONE, path[:-1], {"kind": "mel", "separation": least})
    if path[-1:] == ("decoder",):
        return put(put(SMALL, path[:-1], SEQUENCE), path, least)
    if path[:1] in (("datasets",), ("representations",), ("decoders",)) and "model" not in least:
        return put(ALONE, path, least)
    return put(SMALL, path, least) if path else least


FIELDS = [
    pytest.param(path, least, model, field, id=".".join(map(str, (*path, model.__name__, field))))
    for model, path, least in places()
    for field in model.model_fields
    if field not in ("kind", "monitor", "mode")  # the last two are held to the task, elsewhere
]


@pytest.fixture
def network_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    node, shape = helper.make_node("Identity", ["x"], ["y"]), ("batch", "samples")
    tiny.write_onnx("network.onnx", [node], {"x": shape}, {"y": shape})


@pytest.mark.usefixtures("network_from_elsewhere")
@pytest.mark.parametrize(("path", "least", "model", "field"), FIELDS)
def test_a_field_takes_no_nonsense(path, least, model, field):
    raw = declared(path, least)
    loading.parse(raw)  # without nonsense it is valid
    wrong = []
    for name, value in NONSENSE.items():
        try:
            loading.parse(put(raw, (*path, field), value))
        except DeepmirError as error:
            if name in accepted(model, field):
                wrong.append(f"{name} is refused: {error}")
            if not names(str(error), path, field):
                wrong.append(f"{name}: {error!s:.300}")
        else:
            if name not in accepted(model, field):
                wrong.append(f"{name} is accepted")
    assert not wrong


def names(message, path, field):
    """Whether a message has one line (except for a network's) and locates the nonsense."""
    where = ".".join(map(str, path if path[:1] != ("decoders",) else ()))
    first, *others = message.splitlines()
    return (
        where in first
        and field in first
        and (not others or field in ("network", "encoder", "decoder"))
    )


def below(model):
    for child in model.__subclasses__():
        yield child
        yield from below(child)


def test_no_model_is_left_out():
    tried = {model for model, *_ in places()}
    # What others are made from, and what is declared as something else.
    others = {"Dataset", "LargeChordSequence", "NetworkCard", "BaselineCard", "Manifest"}
    others |= {"Calibration", "GeneratorCard", "SequenceCard"}
    ours = [model for model in below(Declaration) if model.__module__.startswith("deepmir.")]
    whole = {m for m in ours if not m.__subclasses__() and m.__name__ not in others}
    assert whole <= tried
