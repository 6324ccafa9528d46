"""The commands, one file each; every import of the rest of woxly is inside a function."""
