"""Processes are killed at random while somebody talks; sound and state are checked after each."""
