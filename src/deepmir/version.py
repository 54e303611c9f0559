"""The version of deepmir, which is written to the build, the cards of models and all results."""

VERSION = "0.1.0"
