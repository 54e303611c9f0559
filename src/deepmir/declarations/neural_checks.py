"""Checks that networks fit their data and their task, before anything is computed."""

from typing import TYPE_CHECKING

from deepmir.declarations.schema import Neural
from deepmir.declarations.sequences import SequenceNetwork
from deepmir.declarations.training import refuse_of_experiments
from deepmir.errors import DeepmirError
from deepmir.naming import known

if TYPE_CHECKING:
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task

# Numbers in a batch of inputs: 32 GB, of which networks need many times as much to train.
LARGEST = 2**33


def check_monitor(task: "Task", monitor: str) -> None:
    """Refuse a monitor that no epoch reports: there are two losses and the validation metrics.

    Raises:
        DeepmirError: naming the key.
    """
    part, _, name = monitor.partition("/")
    names = {"train": ["loss"], "validation": ["loss", *task.measures]}
    try:
        known(name, names[known(part, names, "part to watch")], f"value of {task.name} to watch")
    except DeepmirError as error:
        raise DeepmirError(f"training.monitor: {monitor}: {error}") from None


def check_patches(row: Neural, representation: "Representation", least: int) -> None:
    """Refuse patches too short for a network, and batches too large for any memory.

    Args:
        row: the network.
        representation: its input.
        least: frames that it needs.

    Raises:
        DeepmirError: naming the key.
    """
    training = row.training
    frames = round(training.patch_seconds * representation.frame_rate)
    if frames < least:
        raise DeepmirError(
            f"training.patch_seconds: {training.patch_seconds:g} s is {frames} frames, "
            f"but the network needs {least} ({least / representation.frame_rate:.3g} s)"
        )
    size = training.batch_size * frames * representation.bins * representation.channels
    if size > LARGEST:
        raise DeepmirError(
            f"training.batch_size: {training.batch_size} patches of "
            f"{training.patch_seconds:g} s hold {size:.2g} numbers, more than the limit "
            f"of {LARGEST:.2g}: lower either"
        )
    if row.deformations.get("time_mask", 0.0) > training.patch_seconds:
        raise DeepmirError("deformations.time_mask is longer than a patch (training.patch_seconds)")


def check_sequence(row: SequenceNetwork, representation: "Representation") -> None:
    """Refuse a sequence that cannot be written, or an encoder that does not fit.

    Raises:
        DeepmirError: naming the key.
    """
    from deepmir import networks, tasks
    from deepmir.deformations import base
    from deepmir.deformations.check import check as check_deformations
    from deepmir.deformations.names import NAMES
    from deepmir.sequences.spellings import spelling_of

    spelling = spelling_of(row.task, row.decoder.step, row.training.patch_seconds)
    if row.decoder.longest < len(spelling.fields) + 1:
        raise DeepmirError(
            f"decoder.longest: {row.decoder.longest} symbols cannot hold "
            f"{', '.join(spelling.fields)} and the end: raise it to at least "
            f"{len(spelling.fields) + 1}"
        )
    task = tasks.get(row.task)
    if representation.kind == "audio":
        raise DeepmirError(f"representation: {row.representation} is raw audio: name another")
    if representation.frame_rate < task.min_frame_rate:
        raise DeepmirError(
            f"representation: {row.representation} has {representation.frame_rate:g} frames a "
            f"second, and the task {task.name} needs {task.min_frame_rate:g}: lower its hop"
        )
    refuse_of_experiments(row.training, "sequences")
    check_monitor(task, row.training.monitor)
    encoder = networks.describe(
        row.network,
        networks.InputShape.of(representation),
        networks.Output(row.decoder.units, time_varying=True),
    )
    check_patches(row, representation, encoder.minimum_frames)
    for name in row.deformations:
        if name in NAMES and isinstance(base.get(name), base.SoundDeformation):
            raise DeepmirError(
                f"deformations.{name} acts on audio, but a sequence reads features: leave it out"
            )
    check_deformations(task, row.deformations, representation, on_the_fly=False)
