"""The commands, one file each; every import of the rest of woxly is inside a function."""

import time

STARTED_NS = time.monotonic_ns()
"""CLOCK_MONOTONIC as soon as this process could read it: before any command is imported."""
