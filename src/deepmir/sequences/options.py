"""The declaration of the decoder of a sequence."""

from typing import Annotated, Literal

from pydantic import Field

from deepmir.fields import Count, Declaration, Number, Seconds


class Decoding(Declaration):
    """The decoder that writes symbols, the resolution of time, and the search."""

    cell: Literal["gru", "lstm"] = Field("gru", description="the recurrent cells")
    units: Annotated[Count, Field(le=4096)] = Field(
        96, description="of the cells, of the embedded symbols and of what the encoder hands over"
    )
    attention: Literal["additive", "dot", "none"] = Field(
        "additive",
        description="how a state is compared with every frame; none: it gets the encoder's first "
        "and last frame alone, as in the tutorial's Figure 15",
    )
    drop: Number = Field(
        0.0, ge=0, lt=1, description="share of the values that dropout leaves out before symbols"
    )
    step: Seconds = Field(0.1, description="the unit of time in the symbols, seconds")
    longest: Annotated[Count, Field(le=10_000)] = Field(
        64, description="symbols of an excerpt, at most; longer ones are refused"
    )
    beam: Annotated[Count, Field(le=1000)] = Field(
        4, description="sequences that the search keeps; 1 takes the most probable symbol each time"
    )
