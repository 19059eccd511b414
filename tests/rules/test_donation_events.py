"""What leyka-bridge sends, in every form in which it may come."""

import copy
import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.rules.donation_events import body_of, read_donation, read_event
from backoffice.rules.donation_facts import DELETED, Campaign, Donor
from backoffice.rules.donation_fields import Unreadable
from backoffice.sandbox.leyka.recording import deliveries

DELIVERIES = deliveries()
FIRST, PAID = DELIVERIES[0], DELIVERIES[1]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def changed(body: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The body with fields of its donation replaced; `...` leaves one out."""
    new = copy.deepcopy(body)
    for name, value in values.items():
        if value is ...:
            del new["donation"][name]
        else:
            new["donation"][name] = value
    return new


def donation(**values: Any) -> Any:
    return read_event(changed(PAID, **values)).donation


def test_every_real_delivery_is_read() -> None:
    """18 events in their order, two of them of a donation that was gone."""
    events = [read_event(body) for body in DELIVERIES]
    assert [event.seq for event in events] == list(range(1, 19))
    assert [event.seq for event in events if event.donation is None] == [14, 15]
    assert [event.status for event in events if event.donation_id == 51] == ["", "funded", "draft", "draft", DELETED]
    assert {event.site for event in events} == {"https://fund.example.org"}


def test_a_paid_donation_has_everything() -> None:
    """Sum, time, campaign, donor, and the gateway's number of the charge."""
    paid = read_event(PAID).donation
    assert paid is not None
    assert (paid.amount, paid.amount_total, paid.currency) == (Decimal("700.00"), Decimal("679.70"), "RUB")
    assert paid.created_at == datetime(2026, 11, 21, 19, 49, 56, tzinfo=UTC)
    assert paid.campaign == Campaign(6, "Сбор на обучение", "Благотворительное пожертвование на обучение")
    assert paid.donor == Donor("Кузнецова Ольга", "olga@example.org", "+79990000001", "тест")
    assert (paid.gateway, paid.transaction_id, paid.error_id) == ("cp", "900147", "")
    assert [change.status for change in paid.status_log] == ["submitted", "funded"]


def test_a_subscriptions_number_is_not_a_charges() -> None:
    """Only the charge tells twice-told money apart."""
    assert donation(gateway_ids={"cp_recurring_id": "sc_49", "tinkoff_rebill_id": "7"}).transaction_id == ""
    assert donation(gateway_ids={"stripe_subscription_id": "s", "stripe_payment_intent_id": "p"}).transaction_id == "p"


def test_a_charge_that_is_only_announced_is_a_placeholder() -> None:
    """The form is described, no real delivery of it is at hand: amount 0, Anonymous, no address, campaign 0."""
    nobody = {"name": "Anonymous", "email": None}
    empty = {"amount": "0.00", "amount_total": "0.00", "donor": nobody, "campaign": {"id": 0}}
    announced = donation(payment_type="rebill", additional_fields=[], **empty)
    assert (announced.is_placeholder, announced.donor.is_anonymous, announced.donor.key) == (True, True, "")
    assert announced.campaign.id is None
    assert donation(payment_type="rebill", **empty).is_placeholder
    assert not any(event.donation.is_placeholder for event in map(read_event, DELIVERIES) if event.donation)


def test_an_anonymous_donation_with_a_sum_is_one() -> None:
    """Somebody gave money and no name: no placeholder, and nobody to make a contact of."""
    given = donation(donor={"name": "Анонимно"}, additional_fields=[])
    assert (given.is_placeholder, given.donor.is_anonymous) == (False, True)


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({"amount": 700}, "700.00"),
        ({"amount": "700"}, "700.00"),
        ({"amount": 700.1}, "700.10"),
        ({"amount": "700,50"}, "700.50"),
        ({"amount": " 0 "}, "0.00"),
        ({"amount": "-5.00"}, "-5.00"),
    ],
)
def test_sums_are_read_to_the_kopeck(values: dict[str, Any], read: str) -> None:
    """However they are written."""
    assert str(donation(**values).amount) == read


def test_numbers_may_be_texts() -> None:
    """As the meta of WordPress keeps them."""
    body = changed(PAID, id="47", subscription_id="49", campaign={"id": "6"}, subscription_active="1")
    body |= {"seq": "2", "donation_id": "47", "schema": "1"}
    event = read_event(body)
    assert event.donation is not None
    assert (event.seq, event.donation_id, event.donation.subscription_id, event.donation.campaign.id) == (2, 47, 49, 6)
    assert event.donation.subscription_active is True


def test_what_is_missing_is_empty() -> None:
    """Only the id, the status, the moment and the sum have to be there."""
    least = {"id": 47, "status": "pending_review", "created_at": "2026-11-21T19:49:56", "amount": "1"}
    read = read_donation(least)
    assert (read.status, read.payment_type, read.currency) == ("pending_review", "single", "RUB")
    assert read.amount_total == read.amount
    assert (read.donor, read.campaign, read.gateway_ids, read.subscription_active) == (Donor(), Campaign(), {}, None)
    assert read.created_at.tzinfo is UTC
    nulls = dict.fromkeys(["donor", "campaign", "gateway_ids", "additional_fields", "status_log", "error_id"])
    assert read_donation(least | nulls) == read


def test_the_donors_names_and_addresses_have_one_form() -> None:
    """HTML's escapes are undone; of what is no address nothing is left; a phone is found by its field's name."""
    assert donation(donor={"name": "О&#039;Нил ", "email": " OLGA@Example.org"}).donor.name == "О'Нил"
    assert donation(donor={"email": " OLGA@Example.org"}).donor.key == read_event(PAID).donation.donor.key  # type: ignore[union-attr]  # it is there
    assert donation(donor={"email": "нет"}).donor.email == ""
    fields = {"inn": "9990000009", "client_phone": "8 (999) 000-00-02"}
    assert donation(additional_fields=fields).donor.phone == "+79990000002"
    assert donation(additional_fields={"mixplat_phone": 79990000003}).donor.phone == "+79990000003"


def test_a_donors_key_tells_nothing_and_minds_the_address_first() -> None:
    """Equal for one address whatever the phone; by the phone only where there is no address."""
    with_both, mail_only = Donor(email="a@example.org", phone="+79990000001"), Donor(email="a@example.org")
    assert with_both.key == mail_only.key != Donor(phone="+79990000001").key
    assert "example" not in with_both.key
    assert "example" not in repr(with_both)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"amount": ...}, "donation.amount: нет"),
        ({"amount": "много"}, "donation.amount: не сумма"),
        ({"amount": "NaN"}, "donation.amount: не сумма"),
        ({"amount": "1e400"}, "donation.amount: не сумма"),
        ({"amount": True}, "donation.amount: не сумма"),
        ({"status": ""}, "donation.status: пусто"),
        ({"status": "x" * 201}, "donation.status: слишком длинно"),
        ({"created_at": "вчера"}, "donation.created_at: не момент времени"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "donation.created_at: не момент времени"),
        ({"id": 48}, "donation.id: не равен donation_id"),
        ({"id": 47.5}, "donation.id: не целое число"),
        ({"donor": "Ольга"}, "donation.donor: не объект"),
        ({"donor": {"name": ["Ольга"]}}, "donation.donor.name: не текст"),
        ({"subscription_active": "maybe"}, "donation.subscription_active: не да и не нет"),
        ({"status_log": [{"at": "2026-11-21T19:49:56Z"}]}, "donation.status_log.0.status: нет"),
        ({"status_log": 7}, "donation.status_log: не список"),
    ],
)
def test_what_cannot_be_read_is_named(values: dict[str, Any], named: str) -> None:
    """By its place; what stood there may be about a person, and is not repeated."""
    with pytest.raises(Unreadable) as unreadable:
        donation(**values)
    assert str(unreadable.value) == named


@pytest.mark.parametrize("body", [None, [], "{}", 7, {}, {"schema": 2}, FIRST | {"donation": []}])
def test_a_body_of_another_kind_is_unreadable(body: Any) -> None:
    """Whatever it is."""
    if isinstance(body, dict) and body.get("donation") == []:
        with pytest.raises(Unreadable, match=r"donation\.amount"):
            read_event(body)
        return
    with pytest.raises(Unreadable):
        read_event(body)


def test_a_newer_plugin_is_not_guessed_at() -> None:
    """Another schema may mean other things by the same names; more fields in the same one are no matter."""
    with pytest.raises(Unreadable, match="schema: не 1"):
        read_event(FIRST | {"schema": 2})
    assert read_event(changed(FIRST, tip="5.00") | {"later": {"a": 1}}) == read_event(FIRST)


def places(body: dict[str, Any], at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The places of all the fields of a body."""
    found = [(*at, name) for name in body]
    return found + [
        place for name, value in body.items() if isinstance(value, dict) for place in places(value, (*at, name))
    ]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(DELIVERIES), st.data())
def test_any_spoilt_body_is_read_or_named(body: dict[str, Any], data: st.DataObject) -> None:
    """Whatever stands in the place of one field, nothing else is raised, and what is read can be kept."""
    *way, last = data.draw(st.sampled_from(places(body)))
    spoilt = copy.deepcopy(body)
    inside = spoilt
    for name in way:
        inside = inside[name]
    inside[last] = data.draw(JSON)
    with suppress(Unreadable):
        event = read_event(spoilt)
        assert event.occurred_at.tzinfo is UTC
        assert event.donation is None or event.donation.snapshot_hash.encode()


@given(st.sampled_from([body for body in DELIVERIES if body["donation"]]), st.text(min_size=1))
def test_a_snapshots_hash_minds_every_field(body: dict[str, Any], comment: str) -> None:
    """And not how the fields were written."""
    first, same = (read_donation(one["donation"]) for one in (body, json.loads(json.dumps(body))))
    assert first.snapshot_hash == same.snapshot_hash
    other = read_donation(body["donation"] | {"error_id": f"x{comment}"})
    assert other.snapshot_hash != first.snapshot_hash


TEXT = st.text(max_size=20) | st.sampled_from(["О&#039;Нил", "&amp;lt;b&gt;", "&", "&amp", "<i> ", "Аноним"])
NAMED = st.dictionaries(st.sampled_from(["phone", "inn", "cp_transaction_id", "Телефон"]) | st.text(max_size=5), TEXT)
PHONES = st.sampled_from(["", "8 (999) 000-00-01", "+79990000002", "нет"]) | TEXT
BODIES = st.fixed_dictionaries(
    {
        "id": st.integers(1, 10**17),
        "status": st.sampled_from(["funded", "submitted", "a&amp;b"]),
        "created_at": st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
        "amount": st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(str),
    },
    optional={
        "amount_total": st.floats(0, 10**6),
        "currency": TEXT,
        "payment_type": TEXT,
        "is_subscription_start": st.booleans(),
        "subscription_id": st.none() | st.integers(0, 99),
        "subscription_active": st.none() | st.booleans(),
        "campaign": st.fixed_dictionaries({"id": st.none() | st.integers(0, 9), "title": TEXT, "payment_title": TEXT}),
        "donor": st.fixed_dictionaries(
            {"name": TEXT, "email": st.emails() | TEXT, "phone": PHONES, "comment": TEXT},
        ),
        "additional_fields": NAMED | st.dictionaries(st.just("phone"), PHONES),
        "gateway": TEXT,
        "payment_method": TEXT,
        "gateway_ids": NAMED,
        "error_id": TEXT,
        "status_log": st.lists(
            st.fixed_dictionaries({"at": st.datetimes().map(datetime.isoformat), "status": st.just("funded")}),
            max_size=3,
        ),
    },
)


@given(BODIES | st.sampled_from([body["donation"] for body in DELIVERIES if body["donation"]]))
def test_what_was_read_can_be_kept_and_read_again(body: dict[str, Any]) -> None:
    """As JSON, with nothing lost or changed, as often as it is kept."""
    with suppress(Unreadable):
        first = read_donation(body)
        kept = json.loads(json.dumps(body_of(first)))
        assert read_donation(kept) == first
        assert (kept, read_donation(kept).snapshot_hash) == (body_of(read_donation(kept)), first.snapshot_hash)
