"""The gate: a trained version beside the champion, on the same rows that neither was trained on.

`report.py` makes the report from two version folders, of what `scored.py` has them say and `checks.py` asks of it;
`statistics.py` is the arithmetic. `child.py` does it in a process of its own.
"""
