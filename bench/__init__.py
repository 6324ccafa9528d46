"""One file per figure that the README claims; each prints JSON."""
