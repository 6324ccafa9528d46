"""The client of a Woxly server."""
