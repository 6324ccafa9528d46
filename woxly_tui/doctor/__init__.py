"""Checks of everything a call needs: each is one function that returns one Finding."""
