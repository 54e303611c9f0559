"""The version of deepmir, which the build, the cards of models and every result name."""

VERSION = "0.1.0"
