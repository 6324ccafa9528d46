"""Friends, rooms and messages as they are known: pure data, and what news make of it."""
