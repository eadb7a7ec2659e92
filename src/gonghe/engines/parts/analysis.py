"""Analyse one CAD file in this process. A damaged file may kill it: only ever called in a disposable one.

Checks on the bytes come first; the CAD kernel is loaded only for what passes them and needs it.
"""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import formats

if TYPE_CHECKING:
    from gonghe.engines.parts.solid import Pictures


def analyse_file(path: Path, glb: Path | None, png: Path | None) -> PartAnalysis:
    """See :func:`gonghe.engines.parts.analyse`."""
    start = time.perf_counter()
    content = formats.inspect(path.read_bytes())
    result, pictures = _read(content)
    if pictures is not None:
        _draw(pictures, glb, png)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return replace(result, seconds=round(time.perf_counter() - start, 3), peak_mb=round(peak, 1))


def _read(content: formats.Content) -> tuple[PartAnalysis, Pictures | None]:
    if content.format == "dxf":
        from gonghe.engines.parts.dxf import analyse_dxf

        return analyse_dxf(content.data), None
    if content.format == "stl":
        from gonghe.engines.parts import facets, stl

        mesh = stl.read_stl(content.data)
        return facets.analyse_mesh(mesh, "stl", None), (mesh, facets.plain_colour())
    if content.format == "3mf":
        from gonghe.engines.parts import facets, threemf

        mesh, unit = threemf.read_3mf(content.data, formats.DEFAULT_CAPS)
        return facets.analyse_mesh(mesh, "3mf", unit), (mesh, facets.plain_colour())
    from gonghe.engines.parts.solid import analyse_step

    return analyse_step(content.data)


def _draw(pictures: Pictures, glb: Path | None, png: Path | None) -> None:
    if glb is None and png is None:
        return
    from gonghe.engines.parts.glb import vertex_normals, write_glb
    from gonghe.engines.parts.raster import thumbnail

    normals = vertex_normals(pictures[0])
    if glb is not None:
        glb.write_bytes(write_glb(*pictures, normals))
    if png is not None:
        png.write_bytes(thumbnail(*pictures, normals))
