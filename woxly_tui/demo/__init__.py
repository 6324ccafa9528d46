"""Three friends who join a call as real participants: two talk, one echoes."""
