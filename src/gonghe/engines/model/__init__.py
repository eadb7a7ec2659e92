"""Frozen types that the engines share."""
