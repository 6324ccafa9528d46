"""Who rings whom: from a ring to the room of a call, and out of it again. Pure, as all of call/."""
