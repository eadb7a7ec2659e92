"""API of capacity."""

from ninja import Router

router = Router()
