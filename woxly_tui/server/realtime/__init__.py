"""Socket.IO: presence, rooms' channels, ringing."""
