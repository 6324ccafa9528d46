"""What a guest's browser gets: one page, its script and style, and livekit-client."""
