"""The terminal screen: draws snapshots, sends commands, holds no state of the call."""
