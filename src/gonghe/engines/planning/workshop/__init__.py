"""A real workshop from its event log: the problem, the past, and what planning would have made of it."""
