"""A participant in a browser: livekit-client in headless Chromium."""
