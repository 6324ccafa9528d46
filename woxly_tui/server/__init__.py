"""`woxly serve`: accounts, friends, rooms, ringing and LiveKit tokens, over REST and Socket.IO."""
