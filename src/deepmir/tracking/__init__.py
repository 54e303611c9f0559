"""Tracking of runs in MLflow.

A training writes a journal (`journal`, `recorder`), and a separate process sends it as it grows
(`follower`, `sending`). At the end of the pipeline, `runs` adds scores, tables and models, and
`models` marks the best model of each task. Anything that was not sent, because a server was down
or a machine was killed, is sent then.
"""
