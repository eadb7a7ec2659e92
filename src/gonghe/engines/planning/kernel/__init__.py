"""The compiled core of the planner: timetables, insertion and search over flat integer arrays."""
