"""Everything that changes the market: calls, sealed bids, their opening, contracts."""

from __future__ import annotations

from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.market.services.bids import decline, submit_bid, withdraw_bid
from gonghe.apps.market.services.calls import (
    cancel_call,
    cancel_calls_of_order,
    extend_call,
    open_call,
    register_key_holder,
    told,
)
from gonghe.apps.market.services.contracts import (
    Awarded,
    award,
    finish_contract,
    move_contract_item,
    reach_milestone,
)
from gonghe.apps.market.services.opening import open_bids

__all__ = [
    "Awarded",
    "BidItemIn",
    "award",
    "cancel_call",
    "cancel_calls_of_order",
    "decline",
    "extend_call",
    "finish_contract",
    "move_contract_item",
    "open_bids",
    "open_call",
    "reach_milestone",
    "register_key_holder",
    "submit_bid",
    "told",
    "withdraw_bid",
]
