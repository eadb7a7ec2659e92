"""Areas and volumes from sums along edges agree with closed forms and with the kernel's integration."""

from __future__ import annotations

import math

import pytest
from OCP.BRep import BRep_Builder
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepGProp import BRepGProp
from OCP.BRepPrimAPI import (
    BRepPrimAPI_MakeBox,
    BRepPrimAPI_MakeCone,
    BRepPrimAPI_MakeCylinder,
    BRepPrimAPI_MakeSphere,
    BRepPrimAPI_MakeTorus,
)
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec
from OCP.GProp import GProp_GProps
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound, TopoDS_Shape

from gonghe.engines.parts.integrals import measured
from gonghe.engines.parts.measure import rough_diagonal
from gonghe.engines.parts.mesh import tessellate
from gonghe.engines.parts.topology import Topology, survey

AXIS = gp_Ax2(gp_Pnt(300.0, -200.0, 100.0), gp_Dir(1.0, 2.0, 2.0))
"""Off the origin and oblique, so that no term of a sum is zero by chance."""


def measure(shape: TopoDS_Shape) -> tuple[Topology, float]:
    topology = survey(shape)
    mesh, empty = tessellate(shape, topology, rough_diagonal(shape))
    assert not empty
    return measured(shape, topology, mesh)


@pytest.mark.parametrize(
    ("shape", "areas", "volume"),
    [
        (
            BRepPrimAPI_MakeCylinder(AXIS, 5.0, 40.0).Shape(),
            [math.pi * 25, math.pi * 25, math.pi * 400],
            math.pi * 1000,
        ),
        (
            BRepPrimAPI_MakeCone(AXIS, 9.0, 3.0, 8.0).Shape(),
            [math.pi * 9, math.pi * 81, math.pi * 120],
            math.pi * 8 / 3 * (81 + 27 + 9),
        ),
        (BRepPrimAPI_MakeSphere(AXIS, 6.0).Shape(), [math.pi * 144], math.pi * 288),
        (BRepPrimAPI_MakeTorus(AXIS, 20.0, 4.0).Shape(), [math.pi**2 * 320], math.pi**2 * 640),
    ],
    ids=["cylinder", "cone", "sphere", "torus"],
)
def test_closed_forms(shape: TopoDS_Shape, areas: list[float], volume: float) -> None:
    topology, found = measure(shape)
    assert sorted(face.area for face in topology.faces) == pytest.approx(areas, rel=1e-9)
    assert found == pytest.approx(volume, rel=1e-9)


def test_a_bore_across_a_shaft() -> None:
    """Its rims are neither lines nor circles."""
    shaft = BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(50.0, 7.0, -30.0), gp_Dir(0.0, 0.0, 1.0)), 10.0, 60.0)
    bore = BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(0.0, 7.0, 0.0), gp_Dir(1.0, 0.0, 0.0)), 4.0, 100.0)
    shape = BRepAlgoAPI_Cut(shaft.Shape(), bore.Shape()).Shape()
    topology, volume = measure(shape)
    for face in topology.faces:
        mass = GProp_GProps()
        BRepGProp.SurfaceProperties_s(topology.shapes[face.index], mass)
        assert face.area == pytest.approx(abs(mass.Mass()), rel=1e-5)
    mass = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, mass)
    assert volume == pytest.approx(mass.Mass(), rel=1e-6)


def test_the_same_solid_twice_in_one_assembly() -> None:
    box = BRepPrimAPI_MakeBox(2.0, 3.0, 4.0).Shape()
    move = gp_Trsf()
    move.SetTranslation(gp_Vec(10.0, 20.0, 30.0))
    both, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(both)
    builder.Add(both, box)
    builder.Add(both, box.Located(TopLoc_Location(move)))
    topology, volume = measure(both)
    assert len(topology.faces) == 12
    assert volume == pytest.approx(48.0, rel=1e-12)


def test_one_solid_listed_twice_counts_twice() -> None:
    box = BRepPrimAPI_MakeBox(2.0, 3.0, 4.0).Shape()
    both, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(both)
    builder.Add(both, box)
    builder.Add(both, box)
    topology, volume = measure(both)
    assert len(topology.faces) == 6
    assert volume == pytest.approx(48.0, rel=1e-12)
