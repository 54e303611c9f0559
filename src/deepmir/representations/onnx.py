"""Outputs of an external network: an ONNX file with its declared input."""

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, field_validator, model_validator

from deepmir.fields import Count, Different, Text, Whole
from deepmir.representations.activations import Activations

if TYPE_CHECKING:  # any kind but networks: see `deepmir/representations/__init__`
    from deepmir.representations.base import Base

    Given = Base

InputAxis = Literal["batch", "samples", "frames", "bins", "channels"]
OutputAxis = Literal["batch", "frames", "bins", "channels", "averaged"]

OF_PYTORCH = (".pt", ".pt2", ".pth", ".ts", ".torchscript", ".ptl")


class Onnx(Activations):
    """An output of an ONNX network, one row per frame of its input.

    If the file fixes the length of its input, a recording is cut into pieces of that length,
    zero-padded at the ends. Otherwise it is processed as a whole. Frames of an output with fewer
    frames than the input are repeated; an output without frames is the same throughout a piece.
    Only the stage `features` computes them.
    """

    kind: Literal["onnx"] = "onnx"
    file: Text = Field(description="absolute or relative to params.yaml")
    source: "Given" = Field(
        description="what the network takes; of `audio`, the rate of its samples and, as the hop, "
        "that of the rows"
    )
    input_axes: Different[tuple[InputAxis, ...]] = Field(
        description="what the axes of its input are, in their order: samples of audio; frames and "
        "bins of anything else"
    )
    output: Text | None = Field(
        None, description="the name of the output; not needed where there is one"
    )
    output_axes: Different[tuple[OutputAxis, ...]] = Field(
        description="what the axes of the output are, in their order; channels and bins become the "
        "bins of the representation, and over what is averaged the mean is taken"
    )
    stride: Count = Field(
        1, le=100_000, description="frames of the source from one frame of the output to the next"
    )
    first: Whole = Field(
        0,
        ge=0,
        le=100_000,
        description="frame of the source that the first frame of the output stands for: of a "
        "network that does not pad its input, half of what it sees",
    )
    margin: Whole = Field(
        0,
        ge=0,
        le=100_000,
        description="frames at both ends of a piece that are there for what is between them, and "
        "are not kept",
    )
    bins: Count = Field(1, le=100_000, description="found: the size of the output")
    sha256: str = Field("", pattern="^[0-9a-f]{0,64}$", description="found: hash of the file")

    @field_validator("file")
    @classmethod
    def _is_no_program(cls, file: str) -> str:
        if file.lower().endswith(OF_PYTORCH):
            raise ValueError(
                f"{file} is a PyTorch file, which may run any code: export the network "
                "where it comes from, torch.onnx.export(network.eval(), example, "
                "'network.onnx')"
            )
        return file

    @model_validator(mode="after")
    def _axes_fit(self) -> Self:
        given, channels = {*self.input_axes}, self.source.channels
        wanted = {"samples"} if self.source.kind == "audio" else {"frames", "bins"}
        wanted |= {"channels"} if channels > 1 else set()
        if wrong := given - wanted - {"batch", "channels"}:
            raise ValueError(f"input_axes: {self.source.kind} has no {min(wrong)}")
        if missing := wanted - given:
            raise ValueError(f"input_axes: the {min(missing)} of {self.source.kind} are missing")
        return self

    def _identity(self) -> dict[str, object]:
        """The file is identified by its hash, wherever it lies."""
        return {name: value for name, value in super()._identity().items() if name != "file"}
