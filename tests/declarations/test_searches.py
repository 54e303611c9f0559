"""Declarations of searches: their expansion, and refusals."""

import pytest
import yaml

import tiny
from deepmir.declarations import entries, loading, searches, sweeps
from deepmir.errors import DeepmirError

RATE = {"low": 1e-4, "high": 1e-2, "log": True}
NETWORKS = ["c2(4,3x3) - p2(2x2) - d1", "c2(8,3x3) - p2(2x2) - d1"]


def parsed(search=None, base=None, more=None, **other):
    """The tiny declarations with a search of `key-tiny`, with changed keys."""
    raw = yaml.safe_load(tiny.DECLARED)
    raw["experiments"]["key-tiny"] |= base or {}
    searched = {"training.learning_rate": RATE} if search is None else search
    raw["searches"] = {"tune": {"of": "key-tiny", "trials": 4, "search": searched, **other}}
    for section, rows in (more or {}).items():
        raw[section] = {**raw.get(section, {}), **rows}
    return loading.parse(raw)


def axis(values, key="training.batch_size"):
    (found,) = searches.axes(parsed({key: values}).searches["tune"])
    return found


def tried(one):
    return [value for _, value in one.examples]


def test_a_search_is_an_experiment_of_its_name():
    params = parsed(base={"seeds": 2, "training": {"health": True}})
    entry = entries.to_train(params, "tune")
    base, row = params.experiments["key-tiny"], params.experiments["tune"]
    assert row.training == base.training.model_copy(update={"health": False})
    assert row.model_copy(update={"training": base.training, "seeds": 2}) == base
    assert entry.search == params.searches["tune"]
    assert params.shown.count("tune") == 1
    assert [group.name for group in sweeps.groups(params)] == ["key-tiny"]
    assert entries.resolve(params, "key-tiny").search is None


def test_what_a_search_depends_on_is_what_it_says():
    one = entries.resolve(parsed(), "tune").decides
    other = parsed({"training.learning_rate": RATE | {"low": 1e-3}})
    assert one != entries.resolve(other, "tune").decides
    assert one == entries.resolve(parsed(base={"seeds": 2}), "tune").decides
    own = entries.resolve(parsed(), "key-tiny").decides
    assert own == entries.resolve(tiny.parse(), "key-tiny").decides


def test_whole_ends_are_of_whole_numbers():
    assert tried(axis({"low": 2, "high": 8})) == [2, 4, 8]
    low, inside, high = tried(axis({"low": 1e-4, "high": 1}, "training.learning_rate"))
    assert low < inside < high


def test_choices_are_called_as_they_are_written_or_named():
    assert axis([2, 4]).choices == {"2": 2, "4": 4}
    assert axis({"few": 2, "many": 4}).choices == {"few": 2, "many": 4}
    assert axis(NETWORKS, "network").choices == {text: text for text in NETWORKS}
    listed = [{}, {"gain": 3.0}]
    named = axis(dict(zip("ab", listed, strict=True)), "deformations")
    assert tried(named) == listed
    with pytest.raises(
        DeepmirError, match=r"searches\.tune: search\.deformations: .* needs a name"
    ):
        parsed({"deformations": listed})


def test_its_code_is_that_of_all_deformations_that_it_may_try():
    base = {"deformations": {"gain": 3.0}}
    search = {"deformations": {"none": {}, "stretched": {"time_stretch": 0.1}}}
    entry = entries.resolve(parsed(search, base), "tune")
    assert {*entry.coded.deformations} == {"gain", "time_stretch"}
    search = {"deformations.pitch_shift": {"low": 0, "high": 2}}
    assert {*entries.resolve(parsed(search, base), "tune").coded.deformations} == {
        "gain",
        "pitch_shift",
    }


def test_a_deformation_of_nothing_is_none():
    row = parsed().experiments["tune"]
    settled = searches.settled(row, {"deformations.pitch_shift": 0, "network": NETWORKS[1]})
    assert settled.deformations == {"time_stretch": 0.1}
    assert settled.network == NETWORKS[1]


def test_a_search_can_be_carried_over_and_be_the_default():
    other = {"datasets": {"other": {"source": "folder", "path": "elsewhere"}}}
    more = {**other, "carried": {"far": {"dataset": "other", "model": "tune"}}}
    params = parsed(more={**more, "defaults": {"key": "tune"}})
    assert entries.resolve(params, "far").declaration == params.carried["far"].model_dump()


ONE = {"of": "tune"}
CROSSED = {"folds": {"crossed": {"dataset": "tiny", "entry": "tune", "folds": 3}}}
LAYERS = {"representations": {"layers": {"kind": "network", "model": "tune"}}}


@pytest.mark.parametrize(
    ("declared", "error"),
    [
        (
            {"search": {"netwrok": ["d1"]}},
            "search.netwrok: netwrok is not a known key (did you mean 'netw",
        ),
        (
            {"search": {"training.rate": RATE}},
            "search.training.rate.low: training.rate is not a known",
        ),
        ({"search": {}}, "searches.tune.search: "),
        ({"search": {"network": []}}, "searches.tune.search.network: "),
        ({"search": {"network": {}}}, "searches.tune.search.network: "),
        (
            {"search": {"training.learning_rate": {"low": 1.0, "high": 0.1}}},
            "searches.tune.search.training.learning_rate: low 1 must be below high 0.1",
        ),
        (
            {"search": {"training.learning_rate": {"low": 0, "high": 0.1, "log": True}}},
            "searches.tune.search.training.learning_rate: log: low 0 must be above 0",
        ),
        (
            {"search": {"training.learning_rate": {"low": 0.1}}},
            "searches.tune.search.training.learning_rate.high is missing",
        ),
        (
            {"search": {"training.learning_rate": {"low": 0.1, "hihg": 1}}},
            "searches.tune.search.training.learning_rate.hihg is not a known key (did you mean 'hi",
        ),
        (
            {"search": {"training.learning_rate": {"low": 0.0, "high": 0.1}}},
            "searches.tune.search.training.learning_rate.low: ",
        ),
        (
            {"search": {"training.batch_size": {"low": 2.0, "high": 8.0}}},
            "searches.tune.search.training.batch_size.low: ",
        ),
        ({"search": {"network": ["c2(4,3x3) - x"]}}, "searches.tune.search.network: "),
        (
            {"search": {"network": ["r1(8) - d1", "r1(8) - d1"]}},
            "search.network: a value appears twice",
        ),
        ({"search": {"deformations.pitch_shift": {"low": 0, "high": 99}}}, "pitch_shift"),
        ({"search": {"task": ["key", "beat"]}}, "search.task cannot be searched: trials are"),
        ({"search": {"dataset": ["tiny"]}}, "search.dataset cannot be searched: trials are"),
        ({"search": {"also.tiny": [0.5]}}, "search.also.tiny cannot be searched: trials are"),
        ({"search": {"representation": ["cqt", "mel"]}}, "search.representation cannot be"),
        (
            {"search": {"training": {"a": {"seed": 2}}}},
            "search.training cannot be searched: name a key",
        ),
        (
            {"search": {"training.seed": [1, 2]}},
            "search.training.seed cannot be searched: the best",
        ),
        ({"search": {"training.monitor": ["a"]}}, "search.training.monitor cannot be searched"),
        ({"search": {"training.device": ["cpu"]}}, "search.training.device cannot be searched"),
        ({"search": {"seeds": [1]}}, "search.seeds cannot be searched"),
        ({"search": {"class_weights": ["balanced"]}}, "cannot be searched by validation/loss"),
        ({"base": {"training": {"monitor": "train/loss"}}}, "key-tiny has training.monitor train"),
        ({"base": {"training": {"devices": 2}}}, "key-tiny has training.devices"),
        ({"of": "key-tyni"}, "searches.tune: of: there is no experiment 'key-tyni' (did you mean"),
        ({"of": "tune"}, "searches.tune: of: there is no experiment 'tune'"),
        ({"trials": 0}, "searches.tune.trials"),
        ({"prune": "no"}, "searches.tune.prune"),
        ({"more": {"searches": {"key-tiny": {**ONE, "trials": 1}}}}, "searches.key-tiny.search is"),
        ({"more": {"baselines": {"tune": {}}}}, "baselines.tune"),
        ({"more": CROSSED}, "folds.crossed: entry: tune is a search"),
        ({"more": LAYERS}, "representations.layers: model: tune is a search"),
        (
            {"more": {"sweeps": {"s": {**ONE, "vary": {"training.seed": [1]}}}}},
            "no experiment 'tune",
        ),
    ],
)
def test_what_means_nothing_is_named(declared, error):
    with pytest.raises(DeepmirError) as raised:
        parsed(**declared)
    assert error in str(raised.value)
    assert "\n" not in str(raised.value).rstrip() or "network" in error


def test_a_name_that_is_taken_is_named():
    raw = yaml.safe_load(tiny.DECLARED)
    raw["searches"] = {"key-tiny": {"of": "key-fly", "trials": 1, "search": {"network": ["d1"]}}}
    with pytest.raises(DeepmirError, match=r"searches\.key-tiny: its name is taken"):
        loading.parse(raw)
    raw["searches"] = {
        "key-logistic": {"of": "key-fly", "trials": 1, "search": {"network": ["d1"]}}
    }
    with pytest.raises(
        DeepmirError, match=r"'key-logistic' is in both searches\.key-logistic and b"
    ):
        loading.parse(raw)
