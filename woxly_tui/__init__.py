"""Voice calls with friends, in the terminal."""

__version__ = "0.1.0"
