"""The part of the Kusto query language that the simulated Resource Graph understands.

`query.run` is the way in: text → `tokens` → `parser` (→ `syntax`) → `operators` and `expressions`. They check
names and types before they look at a row, so that a wrong query fails on an empty table too.
"""
