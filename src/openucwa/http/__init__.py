"""The HTTP edge: routes, authentication, negotiation and preconditions. Only here code awaits."""
