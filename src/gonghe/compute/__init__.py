"""Run engine work outside the web process: jobs by name, and uploaded files in disposable children."""

from __future__ import annotations

from gonghe.compute.executor import ComputeError, Processes, run, submit, use

__all__ = ["ComputeError", "Processes", "run", "submit", "use"]
