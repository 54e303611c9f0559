"""Sweeps: their members, which are ordinary networks, and their settings.

A network with `seeds` is the shortest sweep: one setting. A member with the same declaration as
another network is that network, so nothing is trained twice.
"""

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepmir.declarations.laying import laid, written
from deepmir.declarations.schema import NAME, Neural, Params
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.declarations.varying import Sweep, Values
from deepmir.errors import DeepmirError
from deepmir.naming import known, shortened

SEED = "training.seed"
MOST = 500
"""Members of all sweeps in one file."""

# A sweep compares its members track by track, so these are the same in all.
SHARED = ("dataset", "task", "labels")


def page(name: str) -> Path:
    """The page of a sweep; its figure is beside it."""
    return Path("reports/sweeps") / f"{name}.md"


@dataclass(frozen=True)
class Setting:
    """The members of a sweep that differ only in their seeds.

    Attributes:
        values: the value of each varied key, in words.
        members: names of experiments.
    """

    values: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A sweep: its settings, each with its members.

    Attributes:
        name: of the sweep; of an experiment with `seeds`, its own.
        of: the experiment that is varied.
        keys: the varied keys, except seeds.
        settings: in the order of the declaration.
        reference: the setting that the others are compared with: the one equal to the experiment,
            apart from seeds, or else the first.
        made: the members that are not declared elsewhere, each with its place in words.
        same: for members that equal other experiments, the names of these by the members' own.
    """

    name: str
    of: str
    keys: tuple[str, ...]
    settings: tuple[Setting, ...]
    reference: Setting
    made: Mapping[str, str]
    same: Mapping[str, str]

    @property
    def members(self) -> list[str]:
        """The names of all its experiments."""
        return [name for setting in self.settings for name in setting.members]

    def title(self, setting: Setting) -> str:
        """A setting in words."""
        return ", ".join(setting.values) or self.of


@dataclass(frozen=True)
class _Choice:
    """A value of an axis of a sweep: in words, as a part of a name, and by key."""

    label: str
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class _Member:
    """A member as it is meant: `place` says in words where in the sweep it is."""

    values: tuple[str, ...]
    place: str
    name: str
    row: Neural


def expanded(params: Params) -> Params:
    """The declarations, with every member of every sweep added to the networks.

    Raises:
        DeepmirError: when a sweep varies an unknown key or has too many members, or when two share
            a name; names the sweep, the setting and the key.
    """
    declared = params.networks
    every = dict(declared)
    names = _by_meaning(every)
    for place, name, sweep in _declared(params):
        try:
            base = declared[known(sweep.of, declared, "experiment", "of")]
            room = MOST - len(every) + len(declared)
            _add(every, names, _members(name, sweep, base, room))
        except DeepmirError as error:
            raise DeepmirError(f"{place}: {error}") from None
    made = {name: row for name, row in every.items() if name not in declared}
    sequences = {n: row for n, row in made.items() if isinstance(row, SequenceNetwork)}
    experiments = {n: row for n, row in made.items() if n not in sequences}
    return params.model_copy(
        update={
            "experiments": {**params.experiments, **experiments},
            "sequences": {**params.sequences, **sequences},
        }
    )


def _add(networks: dict[str, Neural], names: dict[str, str], members: list[_Member]) -> None:
    places: dict[str, str] = {}
    for member in members:
        meaning = _meaning(member.row)
        name = names.setdefault(meaning, member.name)
        if name in networks and _meaning(networks[name]) != meaning:
            raise DeepmirError(f"{member.place}: its name {name} is taken: rename one")
        if name in places:
            raise DeepmirError(f"{member.place} is the same as {places[name]}: leave one out")
        networks.setdefault(name, member.row)
        places[name] = member.place


def groups(params: Params) -> list[Group]:
    """The sweeps of expanded declarations, if all their members are present."""
    networks = params.networks
    # What a search says is not what it will have found.
    names = _by_meaning({n: r for n, r in networks.items() if n not in params.searches})
    found = []
    for place, name, sweep in _declared(params):
        if sweep.of not in networks:
            continue
        base = networks[sweep.of]
        members: dict[tuple[str, ...], list[str]] = {}
        made, same, references = {}, {}, []
        for member in _members(name, sweep, base):
            own = member.name in networks
            one = member.name if own else names.get(_meaning(member.row), "")
            members.setdefault(member.values, []).append(one)
            references += [member.values] if _is_own(member.row, base) else []
            if own:
                made[one] = f"{place}: {member.place}"
            else:
                same[member.name] = one
        settings = {values: Setting(values, tuple(each)) for values, each in members.items()}
        group = Group(
            name=name,
            of=sweep.of,
            keys=tuple(key for key, _ in _axes(sweep)),
            settings=tuple(settings.values()),
            reference=settings[[*references, *settings][0]],
            made=made,
            same=same,
        )
        found += [group] if all(group.members) else []
    return found


def compared(params: Params, group: Group) -> list[str]:
    """The members of a sweep, and the baselines that they can be compared with."""
    of = params.networks[group.of]
    same = [
        name
        for name, row in params.baselines.items()
        if (row.dataset, row.task, row.labels) == (of.dataset, of.task, of.labels)
    ]
    return [*dict.fromkeys(group.members), *same]


def _by_meaning(networks: Mapping[str, Neural]) -> dict[str, str]:
    """The first name of each network that is declared, by what it says."""
    return {_meaning(row): name for name, row in reversed([*networks.items()])}


def _is_own(row: Neural, base: Neural) -> bool:
    """Whether a member says what the experiment says, its seed aside."""
    training = row.training.model_copy(update={"seed": base.training.seed})
    return _meaning(row.model_copy(update={"training": training})) == _meaning(base)


def _meaning(row: Neural) -> str:
    return json.dumps(row.model_dump(mode="json"), sort_keys=True)


def _declared(params: Params) -> Iterator[tuple[str, str, Sweep]]:
    """Where each sweep is declared, its name, and the sweep itself."""
    for section in ("experiments", "sequences"):
        rows: Mapping[str, Neural] = getattr(params, section)
        for name, row in rows.items():
            if row.seeds > 1:
                first = row.training.seed
                seeds = Sweep(of=name, vary={SEED: tuple(range(first, first + row.seeds))})
                yield f"{section}.{name}.seeds", name, seeds
    for name, sweep in params.sweeps.items():
        yield f"sweeps.{name}", name, sweep


def _members(name: str, sweep: Sweep, base: Neural, most: int = MOST) -> list[_Member]:
    axes = [*_axes(sweep), *_seeds(sweep, base)]
    _check_keys(axes)
    number = math.prod(len(choices) for _, choices in axes)
    if number > most:
        raise DeepmirError(
            f"it has {number} members, but all sweeps together may have {MOST}: vary less"
        )
    varied = len(_axes(sweep))
    return [
        _member(name, [key for key, _ in axes], chosen, varied, base)
        for chosen in itertools.product(*(choices for _, choices in axes))
    ]


def _member(
    name: str, keys: list[str], chosen: tuple[_Choice, ...], varied: int, base: Neural
) -> _Member:
    place = ", ".join(f"{key} {one.label}" for key, one in zip(keys, chosen, strict=True))
    called = "-".join([name, *(one.name for one in chosen)])
    try:
        if not NAME.fullmatch(called) or not all(one.name for one in chosen):
            raise DeepmirError(
                f"{shortened(called)!r} cannot be its name (a-z, 0-9, - and _, at most 80 "
                "characters): write the values as a mapping of short names to values"
            )
        row = laid(base, {key: v for one in chosen for key, v in one.values.items()})
    except DeepmirError as error:
        raise DeepmirError(f"{place}: {error}") from None
    return _Member(tuple(one.label for one in chosen[:varied]), place, called, row)


def _axes(sweep: Sweep) -> list[tuple[str, list[_Choice]]]:
    """What is varied, seeds aside."""
    axes = [(key, _choices(key, values)) for key, values in sweep.vary.items() if key != SEED]
    if sweep.settings:
        named = [_Choice(label, _slug(label), keys) for label, keys in sweep.settings.items()]
        axes.insert(0, ("setting", named))
    return axes


def _seeds(sweep: Sweep, base: Neural) -> list[tuple[str, list[_Choice]]]:
    """The seeds of every setting: as the sweep says, or as many as the experiment has."""
    first = base.training.seed
    values = sweep.vary.get(SEED) or tuple(range(first, first + base.seeds))
    return [(SEED, _choices(SEED, values))] if SEED in sweep.vary or base.seeds > 1 else []


def _choices(key: str, values: Values) -> list[_Choice]:
    if isinstance(values, Mapping):
        return [_Choice(label, _slug(label), {key: value}) for label, value in values.items()]
    word = key.rpartition(".")[2]
    return [
        _Choice(text, _slug(f"{word} {text}"), {key: v})
        for v, text in written(f"vary.{key}", values)
    ]


def _slug(text: str) -> str:
    """Text as a part of a name of files."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")


def _check_keys(axes: list[tuple[str, list[_Choice]]]) -> None:
    """Refuse a key that is varied twice, or that members have to have in common."""
    seen: dict[str, str] = {}
    for axis, choices in axes:
        for key in dict.fromkeys(key for choice in choices for key in choice.values):
            if key in seen:
                raise DeepmirError(
                    f"{key} is varied under {seen[key]} and under {axis}: vary it once"
                )
            if key == "seeds":
                raise DeepmirError(f"seeds cannot be varied: list them under {SEED}")
            if key in SHARED:
                raise DeepmirError(
                    f"{key} cannot be varied, since members are compared track by track: declare "
                    "another experiment"
                )
            seen[key] = axis
