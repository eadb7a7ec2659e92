"""The REST API: one router an app, one way of saying no."""

from gonghe.api.build import api

__all__ = ["api"]
