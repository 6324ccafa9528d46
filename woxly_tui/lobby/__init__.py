"""The client of a Woxly server: ours, or the public one with its oddities."""
