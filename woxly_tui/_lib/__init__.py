"""The toolbox: tasks, codec, text, logging, files. Imports nothing above it."""
