"""Plans: what other parts of the product may ask for. Each function says what it does where it is defined."""

from __future__ import annotations

from gonghe.apps.plans.awarding import accept_award, propose_award
from gonghe.apps.plans.consenting import answer, ask_for_another, can_ask_again, withdraw_proposals
from gonghe.apps.plans.indication import indicative
from gonghe.apps.plans.moving import propose_move
from gonghe.apps.plans.progress import report_progress
from gonghe.apps.plans.replanning import propose_replan
from gonghe.apps.plans.scenarios import adopt

__all__ = [
    "accept_award",
    "adopt",
    "answer",
    "ask_for_another",
    "can_ask_again",
    "indicative",
    "propose_award",
    "propose_move",
    "propose_replan",
    "report_progress",
    "withdraw_proposals",
]
