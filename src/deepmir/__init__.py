"""deepmir: deep networks for music information retrieval, from one file of declarations."""

__version__ = "0.1.0"
