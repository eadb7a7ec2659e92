"""Every route of the product, and whose thing it shows in the test world.

A new route without an entry here fails the test: decide first who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Seat -> routes as "namespace:name". The seat is the firm whose people own the thing.
SEATS = {
    "public": """
        :set_language api:openapi-json api:openapi-view api:api-root members:sign_in members:sign_in_link
        members:sign_out members:join web:start
        public:firms public:firm public:robots api:public_list api:public_firm
    """,
    "hengda": """
        api:members api:save_organization api:sites api:save_site api:people api:take_role api:invitations api:invite
        api:cancel_invitation api:disclosure api:set_disclosure api:partners api:name_partner api:drop_partner
        api:tokens api:issue_token api:revoke_token api:processes api:capabilities api:add_capability
        api:capabilities_of_members api:change_capability api:remove_capability api:equipment api:add_equipment
        api:one_equipment api:change_equipment api:retire_equipment api:save_rate api:mark_down api:mark_up
        api:equipment_hours api:calendars api:add_calendar api:change_calendar api:reservations api:keep_hours
        api:get_progress capacity:progress api:send_machine_list api:get_machine_list api:import_machine_list
        capacity:upload_list capacity:machine_list api:offers api:publish_offer api:offer api:close_offer
        api:hold_hours api:confirm_hours api:cancel_hours api:use_hours api:give_back api:match api:find api:firm
        api:import_workbook api:export_workbook api:workbook_template
        api:get_suggestion api:get_quote api:submit_bid api:get_bid api:withdraw_bid api:decline api:get_result
        api:list_contracts api:list_open_offers api:list_job_orders api:get_job_order api:start api:pause api:report
        api:finish api:breakdown api:make_more api:call_for_help api:repaired api:list_to_send api:send
        api:list_handovers api:get_handover api:receive api:list_settlements
        organization:index organization:own organization:profile organization:add_site organization:edit_site
        organization:invite organization:cancel_invitation organization:take_role organization:disclose
        organization:name_partner organization:drop_partner capacity:seen_as organization:add_certificate
        organization:edit_certificate organization:remove_certificate api:get_identity api:certificates
        api:save_certificate api:remove_certificate organization:account organization:save_account
        organization:set_password organization:issue_token organization:revoke_token
        api:list_technologies api:get_technology api:offer_technology api:change_technology api:ask_licence
        api:list_licences api:get_licence api:grant_licence api:refuse_licence api:accept_licence api:end_licence
        api:list_dues api:list_files api:add_file api:remove_file api:get_file
        technology:offers technology:offer technology:add_offer technology:edit_offer technology:ask
        technology:licence technology:answer technology:dues technology:figures technology:figures_csv
        technology:figures_group technology:send_figures technology:take_back_figures api:figures api:state_figures
        api:take_back_figures api:figures_csv api:send_figures_csv technology:add_file technology:file
        technology:remove_file
        api:own_processes api:own_properties technology:processes technology:process
        technology:index technology:choose technology:add technology:edit technology:remove
        capacity:index capacity:add_equipment capacity:equipment capacity:edit_equipment capacity:retire
        capacity:mark_down capacity:mark_up capacity:keep_hours capacity:give_back capacity:add_calendar
        capacity:offers capacity:add_offer capacity:offer capacity:close_offer capacity:hold capacity:held
        capacity:confirm capacity:cancel capacity:use
        capacity:busy capacity:add_feed capacity:add_feed_file capacity:add_maintenance capacity:read_feed
        capacity:remove_feed capacity:remove_maintenance api:busy_of api:add_feed api:add_feed_file api:read_feed
        api:remove_feed api:add_maintenance api:remove_maintenance
        capacity:upload_shells capacity:export_shells api:import_shells api:export_shells
        capacity:weeks capacity:weeks_csv api:weeks
        capacity:edit_calendar capacity:find capacity:upload capacity:template capacity:export capacity:firm
        market:index market:bid market:receipt market:receipt_file market:withdraw market:decline
        workshop:index workshop:times workshop:wall workshop:operator workshop:machine workshop:repaired workshop:job
        workshop:start workshop:pause workshop:report workshop:finish workshop:more workshop:breakdown workshop:help
        workshop:send workshop:handovers workshop:handover workshop:receive
        web:today web:search web:feed
    """,
    "lanshan": """
        api:list_orders api:create_order api:get_order api:change_order api:cancel_order api:get_match api:add_line
        api:change_line api:remove_line api:upload_drawing api:get_analysis api:read_again api:add_operation
        api:change_operation api:remove_operation api:get_document api:list_calls api:open_call api:get_call
        api:extend_call api:cancel_call api:get_key_holder api:plans api:plan api:alternatives api:promise
        api:propose api:accept api:answer api:again api:try_move api:move api:answers api:what_if
        api:scenarios api:make_scenario api:scenario api:adopt_scenario api:work api:stop_work api:cancel_work
        api:making api:settle
        api:get_assumptions api:state_assumptions orders:assumptions
        api:apply_licence orders:apply_choose orders:apply
        web:orders orders:new orders:drop orders:edit orders:cancel orders:match orders:drop_lines orders:add_line
        orders:line orders:remove_line orders:read_again orders:add_operation orders:operation
        orders:remove_operation orders:document
        market:new_call market:call market:extend market:cancel market:document
        plans:index plans:propose plans:what_if plans:scenarios plans:adopt plans:working plans:worked plans:plan plans:accept plans:answer
        plans:again plans:try plans:move workshop:settlement workshop:agree web:order web:job web:cancel_job web:stop_job api:get_job
        api:list_events
    """,
    "park": """
        api:add_process api:change_process api:add_own_property technology:add_property
        api:verify api:open_bids api:register_key_holder organization:verify market:key_holder market:open
    """,
}
# The `job_id` of these is background work, elsewhere it is a job order.
WORK = frozenset(
    {
        "api:work",
        "api:stop_work",
        "api:cancel_work",
        "api:get_job",
        "web:job",
        "web:cancel_job",
        "web:stop_job",
        "plans:working",
        "plans:worked",
    }
)
# What a route must be asked with to say anything at all.
QUERIES = {"api:equipment_hours": "?start=2026-03-09T00:00:00Z&end=2026-03-10T00:00:00Z"}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """A route: its name, its pattern and its parameters (the slug left out)."""

    name: str
    pattern: str

    @property
    def parameters(self) -> list[str]:
        """Parameters besides the acting organisation."""
        return [one for one in PARAMETER.findall(self.pattern) if one != "slug"]

    @property
    def is_member_route(self) -> bool:
        """Whether it lies under an organisation."""
        return "slug>" in self.pattern

    def url(self, slug: str, values: dict[str, Any]) -> str:
        """The address with parameters filled in."""
        keys = {"slug": slug} | values
        if self.name in WORK:
            keys["job_id"] = values["work_id"]
        path = PARAMETER.sub(lambda found: str(keys[found.group(1)]), self.pattern)
        return f"/{path}{QUERIES.get(self.name, '')}"


def all_routes() -> list[Route]:
    """Every route of the URL configuration."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def seat_of() -> dict[str, str]:
    """Name of a route -> seat."""
    return {name: seat for seat, names in SEATS.items() for name in names.split()}


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Route]:
    for one in patterns:
        where = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, where, one.namespace or namespace)
        else:
            yield Route(f"{namespace}:{one.name}", where)
