"""The training set that is to carry over to real recordings: songs rendered in many ways.

Human songs (POP909 with its corrected chords, its melodies and its human section labels), human
drumming (Groove) and scores of the music21 corpus, arranged anew, played by several soundfonts and
a singer, and mixed as recordings are. Every annotation is exact, because the sound is made from it.
`docs/explanation/renderer.md` describes it.
"""
