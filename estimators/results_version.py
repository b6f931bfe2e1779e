"""The version of what computes results, raised by hand whenever the same fit gives others.

A search takes over an evaluation from an earlier one only where this is the same. The test
``tests/estimators/test_results_version.py`` holds recorded numbers and fails when they change.
"""

__all__ = ["RESULTS_VERSION"]

RESULTS_VERSION = 5
