"""Scores of the music21 corpus, rendered to audio."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from deepmir.datasets.base import Dataset
from deepmir.datasets.index import Member, Track, audio_file, jams_file
from deepmir.fields import Limit, Seed

if TYPE_CHECKING:
    from deepmir_render.tracks import Track as Planned


class Scores(Dataset):
    """Scores of the music21 corpus, rendered to audio with exact annotations."""

    source: Literal["scores"]
    recorded: ClassVar[bool] = False
    size: Literal["small", "medium", "full"] = Field(
        "small", description="236 or 600 works of different tunes, or three renderings of each work"
    )
    style: Literal["plain", "song"] = Field(
        "plain", description="song: played in a form with repeats, often sung, 40 to 75 s long"
    )
    limit: Limit | None = Field(None, description="only this many tracks, for a quick try")
    seed: Seed = Field(2017, description="seed of instruments, tempi and effects")

    def recordings(self) -> "list[Planned]":
        """The tracks of the declared size and style."""
        from deepmir_render import tracks

        return tracks.scores(self.size, self.style)[: self.limit]

    def track(self, recording: "Planned", root: Path) -> Track:
        """Render a track."""
        from deepmir_render import recipes
        from deepmir_render.rendering import render

        preset = recipes.PLAIN if self.style == "plain" else recipes.SONG
        audio, jams = audio_file(root, recording.id), jams_file(root, recording.id)
        render(recording, replace(preset, seed=self.seed), audio, jams)
        return Track.of(recording.id, _member(recording), audio, jams, recording.licence)

    def members(self) -> list[Member]:
        """Every track of any size, so that one split fits all."""
        from deepmir_render import tracks

        return [_member(track) for track in tracks.scores("full")]


def _member(track: "Planned") -> Member:
    return Member(track.group, track.stratum)
