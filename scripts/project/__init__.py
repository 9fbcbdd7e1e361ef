"""Helpers of `scripts/run`, `scripts/test`, `scripts/backfill` and `scripts/publish.py`.

`bootstrap` finds a Python that is new enough, `environment` makes `.venv` and moves the
process into it; only what is imported after that may use installed packages
(`backfill`, `build`, `publish`, `summary`, `yaml_schema`). This file, `bootstrap` and
the scripts keep to the syntax of Python 3.6, so that an old Python answers with a
sentence instead of a SyntaxError.
"""
