"""Signals: what machines and people reported, turned into equipment, hours, times and states."""

from gonghe.engines.signals.workshop_log import (
    Breakdown,
    Busy,
    PastOperation,
    PastOrder,
    Workshop,
    WorkshopEquipment,
    derive,
)

__all__ = ["Breakdown", "Busy", "PastOperation", "PastOrder", "Workshop", "WorkshopEquipment", "derive"]
