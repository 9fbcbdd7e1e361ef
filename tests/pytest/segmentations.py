"""Which segmentations the projects of tests have, unless a test has its own."""

FEW_SEGMENTATIONS = ["lifecycle", "rfm", "engagement", "technographic"]
"""Rules of most kinds, and one written by hand."""
