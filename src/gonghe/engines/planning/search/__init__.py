"""The search for good schedules: orders, chains, and the solver that runs them."""
