"""Calls the user: bell, notification of the terminal, notification of the desktop."""
