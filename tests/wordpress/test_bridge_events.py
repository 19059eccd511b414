"""What Leyka does becomes events: the same that were recorded from the real plugin."""

import json
import re
from typing import Any

from backoffice.sandbox.leyka.recording import deliveries
from tests.wordpress.conftest import Receiver
from tests.wordpress.site import Site

RECORDED = deliveries()
PHONE = RECORDED[0]["donation"]["additional_fields"]["phone1"]
PURPOSE = "Благотворительное пожертвование на обучение"
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$")
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


def form(name: str, email: str, amount: int, total: float) -> str:
    """PHP: a donor has filled in the form."""
    return f"""stand_in_add( array(
        'name' => "{name}", 'email' => '{email}', 'comment' => 'тест', 'amount' => {amount}, 'total' => {total},
        'fields' => array( 'phone1' => '{PHONE}' ), 'title' => '{PURPOSE}',
        'campaign' => get_posts( 'post_type=leyka_campaign' )[0]->ID,
    ) )"""


def drain(site: Site, receiver: Receiver) -> list[dict[str, Any]]:
    """Deliver everything; gives the bodies."""
    site.pass_time(10)
    assert site.deliver()["end"] == "empty"
    return [delivery.json() for delivery in receiver.came]


def replay(site: Site) -> None:
    """The requests that led to the recorded deliveries, one by one."""
    site.perform("stand_in_campaign();")
    one = site.perform(f"return {form('Кузнецова Ольга', 'olga@example.org', 700, 679.7)};")
    site.perform(f"update_post_meta( {one}, 'cp_transaction_id', '900147' ); stand_in_status( {one}, 'funded' );")
    two = site.perform(f"return {form('Орлов Олег', 'oleg@example.org', 250, 242.75)};")
    site.perform(f"update_post_meta( {two}, 'cp_transaction_id', '900248' ); stand_in_fail( {two}, '5051' );")
    site.perform(f"stand_in_status( {two}, 'funded' );")
    first = site.perform(
        f"$id = {form('Титова Вера', 'vera@example.org', 300, 291.3)};"
        "update_post_meta( $id, 'leyka_payment_type', 'rebill' ); return $id;"
    )
    site.perform(f"""
        update_post_meta( {first}, 'cp_transaction_id', '900449' );
        update_post_meta( {first}, 'cp_recurring_id', 'sc_49' );
        stand_in_subscription( {first}, true );
        stand_in_status( {first}, 'funded' );""")
    site.perform(f"stand_in_rebill( {first}, array( 'cp_transaction_id' => '900549', 'cp_recurring_id' => 'sc_49' ) );")
    site.perform(f"stand_in_subscription( {first}, false );")
    last = site.perform("""return stand_in_add( array(
        'name' => "О'Нил Джон", 'email' => 'kill@example.org', 'amount' => 120, 'total' => 116.52, 'title' => 'x',
        'campaign' => get_posts( 'post_type=leyka_campaign' )[0]->ID,
    ) );""")
    site.perform(f"stand_in_status( {last}, 'funded' );")
    site.perform(f"wp_trash_post( {last} ); wp_untrash_post( {last} ); wp_delete_post( {last}, true );")


def same_but_for_names(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ids become their order of appearance; moments and unique ids, once their form is checked, their absence."""
    order: dict[int, int] = {}

    def number(one: int | None) -> int | None:
        return None if one is None else order.setdefault(one, len(order))

    def moment(one: str) -> str:
        assert MOMENT.match(one), one
        return "a moment" + (" with milliseconds" if "." in one else "")

    told: list[dict[str, Any]] = json.loads(json.dumps(bodies))
    for body in told:
        assert UUID.match(body.pop("event_id"))
        body |= {"site": "", "donation_id": number(body["donation_id"]), "occurred_at": moment(body["occurred_at"])}
        if donation := body["donation"]:
            donation |= {
                "id": number(donation["id"]),
                "subscription_id": number(donation["subscription_id"]),
                "created_at": moment(donation["created_at"]),
                "gateway_ids": donation["gateway_ids"] or {},
                "additional_fields": donation["additional_fields"] or {},
                "status_log": [{"at": moment(it["at"]), "status": it["status"]} for it in donation["status_log"]],
            }
            donation["campaign"]["id"] = 0
            donation["donor"]["user_id"] = "a user" if donation["donor"]["user_id"] else None
    return told


def test_the_recorded_deliveries_are_reproduced(site: Site, receiver: Receiver) -> None:
    """The same requests make the same bodies, key by key and in the same order of keys.

    Two differences are meant. The recording took no additional fields over from the first donation of a subscription;
    and its events 14 and 15, left by a killed request, lost sight of a donation that was deleted before delivery.
    """
    replay(site)
    bodies = drain(site, receiver)
    expected, told = same_but_for_names(RECORDED), same_but_for_names(bodies)
    for body in expected[8:12]:
        body["donation"]["additional_fields"] = {"phone1": PHONE}
    assert told[:13] == expected[:13]
    assert told[15:] == expected[15:]
    assert [body | {"donation": None} for body in told[13:15]] == expected[13:15]
    assert [list(body) for body in bodies] == [list(body) for body in RECORDED]
    assert json.dumps(told[:8]) == json.dumps(expected[:8])
    assert {body["site"] for body in bodies} == {site.url}


def test_a_charge_announced_empty_is_told_as_it_ended(site: Site, receiver: Receiver) -> None:
    """CloudPayments: amount 0 and Anonymous at the first hook; no event says so, because the request went on."""
    first = site.perform(
        "return stand_in_add( array( 'type' => 'rebill', 'name' => 'Вера', 'email' => 'vera@example.org',"
        " 'amount' => 300, 'campaign' => stand_in_campaign() ) );"
    )
    site.perform(f"stand_in_rebill( {first}, array( 'cp_transaction_id' => '1', 'cp_recurring_id' => 'sc' ) );")
    told = [(body["donation"]["amount"], body["donation"]["donor"]["name"]) for body in drain(site, receiver)]
    assert told == [("300.00", "Вера")] * 5


def test_an_error_stored_after_the_hook_is_told(site: Site, receiver: Receiver) -> None:
    """Leyka knows the error only after the hooks of the status have run; the event has it all the same."""
    site.perform("stand_in_fail( stand_in_add(), '5051' );")
    assert drain(site, receiver)[-1]["donation"]["error_id"] == "5051"


def test_what_leyka_stores_differently_is_told_in_one_form(site: Site, receiver: Receiver) -> None:
    """Entities, slashes, the case of a currency, prefixed numbers of gateways, a phone left by SMS, the local clock."""
    site.perform("""
        $id = stand_in_add( array( 'name' => "О'Нил & сыновья", 'currency' => 'usd', 'amount' => '1234.5',
            'campaign' => stand_in_campaign( 'Еда &amp; кров «Дом»' ), 'comment' => 'Это &quot;вам&quot;',
            'ids' => array(
                '_leyka_tinkoff_payment_id' => '77', '_leyka_mixplat_phone' => '79001112233', 'pp_payer_id' => 'P',
            ) ) );
        $noon = array( 'date' => gmmktime( 12, 0, 0, 6, 1, 2026 ), 'status' => 'submitted' );
        update_post_meta( $id, '_status_log', array( $noon ) );
        update_post_meta( $id, 'leyka_error_id', 'of an attempt before' );
    """)
    (body,) = drain(site, receiver)
    donation = body["donation"]
    assert (donation["donor"]["name"], donation["donor"]["comment"]) == ("О'Нил & сыновья", 'Это "вам"')
    assert (donation["currency"], donation["amount"], donation["amount_total"]) == ("USD", "1234.50", "1234.50")
    assert (donation["campaign"]["title"], donation["error_id"]) == ("Еда & кров «Дом»", None)
    assert donation["gateway_ids"] == {"tinkoff_payment_id": "77", "pp_payer_id": "P"}
    assert donation["additional_fields"] == {"mixplat_phone": "79001112233"}
    assert donation["status_log"] == [{"at": "2026-06-01T09:00:00Z", "status": "submitted"}]


def test_a_charge_of_an_unknown_subscription_is_told(site: Site, receiver: Receiver) -> None:
    """Money without a campaign and a donor: empty fields, and numbers of 0, not a missing event."""
    site.perform("$id = stand_in_add( array( 'type' => 'rebill' ) ); stand_in_fail( $id, 'CP-7052' );")
    donation = drain(site, receiver)[-1]["donation"]
    assert donation["campaign"] == {"id": 0, "title": "", "payment_title": ""}
    assert (donation["amount"], donation["donor"]["email"], donation["error_id"]) == ("0.00", "", "CP-7052")


def test_what_is_no_change_of_a_donation_is_no_event(site: Site) -> None:
    """Posts, pages, drafts in the editor, and the same status set again."""
    site.perform("""
        wp_insert_post( array( 'post_title' => 'Новость', 'post_content' => '…', 'post_status' => 'publish' ) );
        wp_delete_post( stand_in_campaign(), true );
        $id = stand_in_add();
        stand_in_status( $id, 'submitted' );""")
    assert [row["kind"] for row in site.sql("SELECT kind FROM wp_leyka_bridge_outbox")] == ["created"]


def test_a_donation_gone_without_a_hook_is_told_as_gone(site: Site, receiver: Receiver) -> None:
    """Deleted straight in the database before its event was frozen: the event goes, and its donation is null."""
    donation = site.perform("return LeykaBridge\\add_event( 'created', 987654 ) ? 987654 : 0;")
    site.pass_time(200)
    (body,) = drain(site, receiver)
    assert (body["donation_id"], body["donation"]) == (donation, None)
