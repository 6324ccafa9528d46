"""Finds, installs and supervises a LiveKit server."""
