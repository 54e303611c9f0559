"""Declarations of a mix: everything drawn for one track, as plain numbers.

Gains are in dB, frequencies in Hz, times in seconds. None means that an effect is not used.
"""

from dataclasses import dataclass

BUSES = ("drums", "bass", "harmony", "lead")
VOICE = "voice"


@dataclass(frozen=True)
class Band:
    """One filter of an equaliser.

    Attributes:
        kind: `high_pass`, `low_pass`, `low_shelf`, `high_shelf` or `peak`.
        frequency: corner or centre frequency.
        gain: of a shelf or peak filter.
        quality: of a pass or peak filter.
    """

    kind: str
    frequency: float
    gain: float = 0.0
    quality: float = 0.7071


@dataclass(frozen=True)
class Compression:
    """A feed-forward compressor.

    Attributes:
        threshold: relative to the level of the loud parts of the input.
        ratio: of level changes above the threshold, input to output.
        attack: time constant when the level rises.
        release: time constant when it falls.
    """

    threshold: float
    ratio: float
    attack: float
    release: float


@dataclass(frozen=True)
class Strip:
    """The processing of one bus.

    Attributes:
        bus: its name.
        gain: relative to the balance of the arrangement.
        pan: of its centre, from left (-1) to right (1).
        width: 0 makes it mono, 1 is neutral, more widens it.
        equaliser: filters in series.
        compression: before the drive.
        drive: amount of saturation of loud parts.
        send: level sent to the reverb.
        echo: level sent to the echo.
    """

    bus: str
    gain: float = 0.0
    pan: float = 0.0
    width: float = 1.0
    equaliser: tuple[Band, ...] = ()
    compression: Compression | None = None
    drive: float | None = None
    send: float | None = None
    echo: float | None = None


@dataclass(frozen=True)
class Reverb:
    """A room shared by all strips.

    Attributes:
        seconds: RT60 at low frequencies.
        damping: absorption of high frequencies, 0 to 1.
        size: of the room, relative to a small hall.
    """

    seconds: float
    damping: float
    size: float


@dataclass(frozen=True)
class Echo:
    """A delay line shared by all strips: repeats alternate between left and right."""

    seconds: float
    feedback: float


@dataclass(frozen=True)
class Ducking:
    """Gain reduction of bass and harmony by the drums, as in dance music."""

    depth: float
    release: float


@dataclass(frozen=True)
class Noise:
    """Noise of a recording: `white`, `pink`, `hum` or `crackle`, in dB below the music."""

    kind: str
    snr: float
    hum: float = 50.0


@dataclass(frozen=True)
class Master:
    """The processing of the sum.

    Attributes:
        equaliser: filters in series.
        compression: of the whole.
        loudness: level of loud parts relative to the limiter's ceiling.
        noise: added after the limiter.
        level: RMS relative to full scale, if the peak allows it.
    """

    equaliser: tuple[Band, ...] = ()
    compression: Compression | None = None
    loudness: float | None = None
    noise: Noise | None = None
    level: float = -20.0


@dataclass(frozen=True)
class Coding:
    """A lossy round trip.

    Attributes:
        codec: `mp3` or `vorbis`.
        compression: libsndfile's, from 0 (best) to 1; for `mp3` at most 0.7 (about 112 kbit/s).
    """

    codec: str
    compression: float


@dataclass(frozen=True)
class Effects:
    """A summary of a mix, in the terms used to derive tags.

    Attributes:
        reverberation: RT60 of the room; None without a room.
        wet: level of the room's sound relative to the direct sound.
        low_pass: cut-off frequency of the mix, or None.
        snr: level of the music above the noise; None without noise.
    """

    reverberation: float | None
    wet: float
    low_pass: float | None
    snr: float | None


@dataclass(frozen=True)
class Mix:
    """The mix of one track.

    Attributes:
        mixing: `none`, `room` or `studio`.
        voice_level: loudness of the voice relative to everything else while it sings.
        strips: of the buses and of the voice.
        reverb: that the strips send to.
        echo: that the strips send to.
        ducking: by the drums.
        master: of the sum.
        coding: of the file.
    """

    mixing: str
    voice_level: float
    strips: tuple[Strip, ...]
    reverb: Reverb | None = None
    echo: Echo | None = None
    ducking: Ducking | None = None
    master: Master = Master()
    coding: Coding | None = None

    def strip(self, bus: str) -> Strip:
        """The strip of a bus; a neutral one if none was drawn."""
        return next((strip for strip in self.strips if strip.bus == bus), Strip(bus))

    @property
    def effects(self) -> Effects:
        """The summary of the mix."""
        master = self.master
        sends = [strip.send for strip in self.strips if strip.send is not None]
        passes = [band.frequency for band in master.equaliser if band.kind == "low_pass"]
        return Effects(
            reverberation=None if self.reverb is None or not sends else self.reverb.seconds,
            wet=max(sends, default=-60.0),
            low_pass=passes[0] if passes else None,
            snr=None if master.noise is None else master.noise.snr,
        )
