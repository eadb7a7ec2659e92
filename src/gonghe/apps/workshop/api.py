"""API of workshop."""

from ninja import Router

router = Router()
