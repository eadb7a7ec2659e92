"""Sample data of the pages: one morning at a workshop, Monday 9 March 2026, 10:20."""

from __future__ import annotations

import json
import struct
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 3, 9, 10, 20, tzinfo=ZoneInfo(ZONE))
LABELS = ["Today", "Orders", "Market", "Plan", "Workshop", "Capacity", "Know-how", "Members"]
KEYS = ["today", "orders", "market", "plan", "workshop", "capacity", "knowhow", "members"]


def layout(station: str = "today") -> dict[str, Any]:
    """What the layout gives every signed-in page."""
    firm = SimpleNamespace(local_name="Hengda Precision", slug="hengda")
    return {
        "acting": SimpleNamespace(organization=firm, roles=["owner"]),
        "acting_choices": [
            {"name": "Hengda Precision", "url": "/o/hengda/", "current": True},
            {"name": "Yong River office", "url": "/o/office/", "current": False},
        ],
        "stations": [
            {"key": key, "label": label, "url": f"/{key}/", "icon": key}
            for key, label in zip(KEYS, LABELS, strict=True)
        ],
        "station": station,
        "search_url": "/search/",
        "account_url": "/account/",
        "sign_out_url": "/out/",
    }


def at(day: int, hour: float) -> datetime:
    """Wall-clock time in March 2026."""
    return datetime(2026, 3, day, tzinfo=ZoneInfo(ZONE)) + timedelta(hours=hour)


def _bar(name: str, row: str, start: datetime, hours: float, kind: str, **more: Any) -> dict[str, Any]:
    end = start + timedelta(hours=hours)
    return {"id": name, "row": row, "start": start.isoformat(), "end": end.isoformat(), "kind": kind} | more


def plan() -> dict[str, Any]:
    """A week of five workshops with every kind of bar, a chain and breaks."""
    rows = [
        {"id": "m2", "organization": "Hengda Precision", "equipment": "M1, M3, M2", "own": True},
        {"id": "yf", "organization": "Yunfeng Heat Treatment", "equipment": "2 furnaces"},
        {"id": "th", "organization": "Taihe CNC", "equipment": "mills"},
        {"id": "xs", "organization": "Xiangshan Coating", "equipment": "coating"},
        {"id": "cx", "organization": "Cixi Fasteners", "equipment": "presses"},
    ]
    bars = [
        _bar("d1", "m2", at(9, 8), 1.1, "done", label="019"),
        _bar("x1", "m2", at(9, 9.1), 27, "down", label="M2 down to Tue 12:00"),
        _bar("o1", "m2", at(9, 8), 10, "own", label="017 op 20"),
        _bar("o2", "m2", at(10, 8), 9, "own", label="025"),
        _bar("r1", "m2", at(11, 8), 33, "reserved", label="reserved, 020"),
        _bar("t1", "yf", at(9, 8), 18, "taken"),
        _bar("p0", "yf", at(10, 9), 12, "own", label="017 op 30"),
        _bar("c1", "th", at(10, 8), 26.8, "proposed", label="019 op 20", chain=True),
        _bar("t2", "th", at(11, 13), 60, "taken"),
        _bar("w1", "xs", at(11, 8), 9, "was"),
        _bar("c2", "xs", at(11, 12), 9, "proposed", label="019 op 30", chain=True),
        _bar("c3", "cx", at(12, 12), 2, "proposed", label="019 op 40", chain=True),
        _bar("p9", "cx", at(13, 8), 9, "proposed", label="021"),
    ]
    links = [{"from": "x1", "to": "c1", "chain": True}, {"from": "c1", "to": "c2", "chain": True}]
    links.append({"from": "c2", "to": "c3", "chain": True})
    breaks = []
    for day in range(8, 17):
        breaks.append([at(day, 21).isoformat(), at(day + 1, 8).isoformat()])
        breaks.append([at(day, 12).isoformat(), at(day, 13).isoformat()])
    return {"rows": rows, "bars": bars, "links": links, "breaks": breaks, "now": NOW.isoformat()}


def large_plan(rows: int = 100, per_row: int = 50) -> dict[str, Any]:
    """Many bars for the drawing to be fast with; two lanes in every row."""
    bars = [
        _bar(f"b{r}-{i}", f"r{r}", at(2, 0) + timedelta(hours=i * 11 + r % 7), 14, "own", label=f"{r}-{i}")
        for r in range(rows)
        for i in range(per_row)
    ]
    names = [{"id": f"r{r}", "organization": f"Workshop {r}", "equipment": f"M{r}"} for r in range(rows)]
    return {"rows": names, "bars": bars, "now": NOW.isoformat()}


def sites() -> dict[str, Any]:
    """Workshops around Ningbo, some of them close to each other."""
    places = [
        ("hd", "Hengda Precision", 29.889, 121.84, "own"),
        ("yf", "Yunfeng Heat Treatment", 29.893, 121.85, "partner"),
        ("jn", "Jiangnan Grinding", 29.901, 121.845, "partner"),
        ("ls", "Lanshan Pump Works", 29.868, 121.54, "other"),
        ("th", "Taihe CNC", 29.96, 121.7, "partner"),
        ("xs", "Xiangshan Coating", 29.48, 121.87, "partner"),
        ("cx", "Cixi Fasteners", 30.17, 121.27, "other"),
        ("fh", "Fenghua Turning", 29.66, 121.41, "other"),
    ]
    legs = [("hd", "yf", "¥380"), ("yf", "jn", "¥360"), ("jn", "ls", "¥460"), ("xs", "cx", "¥520")]
    return {
        "sites": [
            {"id": key, "name": name, "lat": lat, "lon": lon, "kind": kind, "note": "workshop"}
            for key, name, lat, lon, kind in places
        ],
        "legs": [{"from": a, "to": b, "label": words, "kind": "plan"} for a, b, words in legs],
    }


BOX_FACES = (
    ((0, 0, 1), ((-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1))),
    ((0, 0, -1), ((1, -1, -1), (-1, -1, -1), (-1, 1, -1), (1, 1, -1))),
    ((1, 0, 0), ((1, -1, 1), (1, -1, -1), (1, 1, -1), (1, 1, 1))),
    ((-1, 0, 0), ((-1, -1, -1), (-1, -1, 1), (-1, 1, 1), (-1, 1, -1))),
    ((0, 1, 0), ((-1, 1, 1), (1, 1, 1), (1, 1, -1), (-1, 1, -1))),
    ((0, -1, 0), ((-1, -1, -1), (1, -1, -1), (1, -1, 1), (-1, -1, 1))),
)


def box_glb(size: tuple[float, float, float] = (110, 96, 70)) -> bytes:
    """A box as GLB, y up: 24 vertices, 12 triangles, face numbers 0 to 5 (4 is the top, 0 the front)."""
    points, normals, faces, index = [], [], [], []
    for number, (normal, corners) in enumerate(BOX_FACES):
        first = number * 4
        index += [first, first + 1, first + 2, first, first + 2, first + 3]
        for corner in corners:
            points += [half * side / 2 for half, side in zip(corner, size, strict=True)]
            normals += normal
            faces.append(number)
    parts = [
        (struct.pack(f"<{len(points)}f", *points), 5126, 24, "VEC3"),
        (struct.pack(f"<{len(normals)}f", *normals), 5126, 24, "VEC3"),
        (struct.pack(f"<{len(faces)}f", *faces), 5126, 24, "SCALAR"),
        (struct.pack(f"<{len(index)}I", *index), 5125, 36, "SCALAR"),
    ]
    views, accessors, body = [], [], b""
    for number, (raw, component, count, shape) in enumerate(parts):
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(raw)})
        accessors.append({"bufferView": number, "componentType": component, "count": count, "type": shape})
        body += raw
    attributes = {"POSITION": 0, "NORMAL": 1, "_FACE_ID": 2}
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 3}]}],
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return glb(document, body)


def moved_triangle_glb() -> bytes:
    """One triangle of face 7 with positions and face numbers interleaved, below two nodes that move it."""
    body = struct.pack("<12f", 1, 2, 3, 7, 4, 5, 6, 7, 7, 8, 9, 7)
    turned = {"mesh": 0, "scale": [2, 2, 2], "rotation": [0, 0, 0.5**0.5, 0.5**0.5]}
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"children": [1], "translation": [10, 0, 0]}, turned],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "_face_id": 1}}]}],
        "bufferViews": [{"buffer": 0, "byteLength": 48, "byteStride": 16}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 0, "byteOffset": 12, "componentType": 5126, "count": 3, "type": "SCALAR"},
        ],
    }
    return glb(document, body)


def glb(document: dict[str, Any], body: bytes) -> bytes:
    """Container of binary glTF 2.0."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(body))
    return (
        head
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(body), b"BIN\0")
        + body
    )


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""The smallest PNG: one black pixel."""
