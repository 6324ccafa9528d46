"""REST: routes, bodies, answers."""
