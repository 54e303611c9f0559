"""The runs in MLflow.

A training writes a journal (`journal`, `recorder`) and a process beside it sends that as it grows
(`follower`, `sending`). When the line is done, `runs` completes what was sent with scores, tables
and models, and `registry` marks the best model of each task. Whatever was not sent, since a server
was down or a machine was killed, is sent then.
"""
