"""The configuration file, the environment, and where each value came from."""
