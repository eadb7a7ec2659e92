"""Everything that changes orders."""

from gonghe.apps.orders.learning import measure
from gonghe.apps.orders.services.applying import apply_licence
from gonghe.apps.orders.services.assuming import state_assumptions
from gonghe.apps.orders.services.inputs import (
    ACCEPT,
    Intake,
    LineIn,
    OperationIn,
    take_in,
)
from gonghe.apps.orders.services.lines import (
    LineChange,
    add_line,
    attach,
    change_line,
    remove_line,
    upload_drawing,
)
from gonghe.apps.orders.services.orders import (
    cancel_order,
    change_order,
    create_order,
    set_indicative,
    set_state,
)
from gonghe.apps.orders.services.reading import read_again
from gonghe.apps.orders.services.routing import remove_operation, save_operation

__all__ = [
    "ACCEPT",
    "Intake",
    "LineChange",
    "LineIn",
    "OperationIn",
    "add_line",
    "apply_licence",
    "attach",
    "cancel_order",
    "change_line",
    "change_order",
    "create_order",
    "measure",
    "read_again",
    "remove_line",
    "remove_operation",
    "save_operation",
    "set_indicative",
    "set_state",
    "state_assumptions",
    "take_in",
    "upload_drawing",
]
