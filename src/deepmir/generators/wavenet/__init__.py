"""Audio sample by sample, told which instrument plays which pitch (tutorial, A.3)."""

from deepmir.generators.wavenet.method import WaveNetMethod

METHOD = WaveNetMethod()
