"""Parts of the screen. Each draws what it is given and knows nothing of the engine."""
