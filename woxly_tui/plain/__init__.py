"""The call in plain lines: what `--plain`, `watch`, `status` and the other commands say."""
