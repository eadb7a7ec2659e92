"""The `gonghe` command."""

from gonghe.cli.app import main

__all__ = ["main"]
