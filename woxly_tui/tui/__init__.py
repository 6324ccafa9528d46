"""The Textual application: draws snapshots and levels, sends commands."""
