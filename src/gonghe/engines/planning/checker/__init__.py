"""The independent checker: reads a problem and a schedule and shares no code with the solvers."""
