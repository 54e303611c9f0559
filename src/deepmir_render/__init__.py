"""A renderer of training music with exact annotations.

Songs of several sources are arranged anew, performed, played by soundfonts, sung, mixed and
labelled; every label is exact because the sound is made from it. `recipes.py` has the presets,
`tracks.py` which tracks a set has, and `rendering.py` follows one track from its song to its files.
The rooms, each of which knows only those before it: sources, writing, playing, singing, mixing,
labelling.
"""
