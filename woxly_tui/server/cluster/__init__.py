"""What several `woxly serve` processes share, in Redis. One process needs none of it."""
