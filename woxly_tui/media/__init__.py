"""The media worker: LiveKit room, microphone, speaker, levels. Runs in its own process."""
