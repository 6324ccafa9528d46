"""One file per step; released ones never change."""
