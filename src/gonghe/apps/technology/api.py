"""API of technology."""

from ninja import Router

router = Router()
