"""What the server says to LiveKit and hears from it."""
