"""Audio sample by sample, conditioned on instrument and pitch (tutorial, A.3)."""

from deepmir.generators.wavenet.method import WaveNetMethod

METHOD = WaveNetMethod()
