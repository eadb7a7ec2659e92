"""API of market."""

from ninja import Router

router = Router()
