"""Gonghe: many small manufacturers working as one flexible factory."""
