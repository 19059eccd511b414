"""What the store knows of a donation on its way into the portal: what was told and written, what awaits a letter."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

from backoffice.rules.donation_facts import Campaign, Donation, DonationEvent, Donor, StatusChange
from backoffice.rules.donation_work import KnownDonation
from backoffice.store.donation_changes import apply, apply_snapshots, apply_statuses
from backoffice.store.donations import (
    Written,
    awaiting_letters,
    donations,
    forget_told,
    mark_worked,
    note_written,
    of_contacts,
    of_donors,
    to_work,
    work_anew,
)
from backoffice.store.engine import MIGRATIONS

MOMENT = datetime(2026, 12, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SITE = "https://fund.example.org"
ANNA = Donor("Белова Анна", "anna@example.org", "+79990000101")
HUNDRED = Decimal("100.00")


def gift(id: int, status: str = "funded", **values: Any) -> Donation:
    new = Donation(id, status, NOON + id * MINUTE, HUNDRED, HUNDRED, campaign=Campaign(6), donor=ANNA)
    return replace(new, **values)


def told(seq: int, donation: Donation, kind: str = "status") -> DonationEvent:
    return DonationEvent(SITE, seq, f"event-{seq}", kind, donation.id, MOMENT - 10 * DAY + seq * MINUTE, donation)


def tell(engine: Engine, *events: DonationEvent, now: datetime = MOMENT) -> set[int]:
    return {id for _, id in apply(engine, "portal", events, now)}


def known(engine: Engine, id: int) -> KnownDonation:
    return donations(engine, "portal", [(SITE, id)])[SITE, id]


def write(engine: Engine, *ids: int, **values: Any) -> None:
    """They stand in the portal, each in the deal of its number, all of contact 71."""
    for id in ids:
        done = replace(Written(id, 71, {"stage": "funded"}), **values)
        note_written(engine, "portal", {(SITE, id): done})
        mark_worked(engine, "portal", {(SITE, id): known(engine, id).fingerprint})


def ids(found: Iterable[KnownDonation]) -> list[int]:
    return [one.id for one in found]


def waiting(engine: Engine) -> list[int]:
    return [id for _, id in to_work(engine, "portal", MOMENT)]


def unanswered(engine: Engine, since: datetime = NOON - DAY) -> list[int]:
    return sorted(id for _, id in awaiting_letters(engine, "portal", since))


def test_a_donation_is_known_as_it_was_told(engine: Engine) -> None:
    """With its donor, until that is forgotten; what only was there is not known."""
    given = gift(1, payment_type="rebill", subscription_id=1, gateway="cp", gateway_ids={"cp_transaction_id": "900"})
    tell(engine, told(1, given), DonationEvent(SITE, 2, "event-2", "deleted", 2, MOMENT))
    assert donations(engine, "portal", [(SITE, 1), (SITE, 2), (SITE, 3)]) == {
        (SITE, 1): KnownDonation(
            (SITE, 1),
            known(engine, 1).fingerprint,
            "funded",
            MOMENT - 10 * DAY + MINUTE,
            NOON + MINUTE,
            HUNDRED,
            payment_type="rebill",
            subscription_id=1,
            campaign_id=6,
            donor_key=ANNA.key,
            told=given,
        )
    }


def test_a_status_is_as_old_as_its_last_entry_in_the_log(engine: Engine) -> None:
    """Whatever came after it; the site tells of an edit a month later."""
    log = [("failed", 1), ("funded", 2), ("failed", 3), ("funded", 4), ("refunded", 5)]
    changes = tuple(StatusChange(NOON + hours * 60 * MINUTE, status) for status, hours in log)
    tell(engine, told(1, gift(1, status_log=changes)), told(2, gift(1, status_log=changes), "edited"))
    assert known(engine, 1).status_at == NOON + 4 * 60 * MINUTE


@pytest.mark.parametrize(
    ("kind", "came"),
    [
        ("status", MOMENT - 10 * DAY + 7 * MINUTE),
        ("created", MOMENT - 10 * DAY + 7 * MINUTE),
        ("edited", NOON + MINUTE),
    ],
)
def test_without_a_log_the_event_dates_the_status_it_tells(engine: Engine, kind: str, came: datetime) -> None:
    """An edit of an old donation does not: its status is as old as the donation for all that is known."""
    tell(engine, told(7, gift(1), kind))
    assert known(engine, 1).status_at == came


def test_a_snapshot_moves_no_status_that_is_known(engine: Engine) -> None:
    """What changed without an event changed long ago, unless the log knows better."""
    tell(engine, told(1, gift(1)), told(2, gift(2)), told(3, gift(3)))
    came = known(engine, 1).status_at
    logged = gift(3, "refunded", status_log=(StatusChange(MOMENT, "refunded"),))
    apply_snapshots(engine, "portal", SITE, [gift(1), gift(2, "refunded"), logged], 3, MOMENT)
    assert [known(engine, id).status_at for id in (1, 2, 3)] == [came, NOON + 2 * MINUTE, MOMENT]


def test_a_status_may_come_without_a_donation(engine: Engine) -> None:
    """What is told of the donation stays; a status that an event tells later counts."""
    tell(engine, told(1, gift(1, "submitted")), told(2, gift(2, donor=Donor())), told(9, gift(3, donor=Donor())))
    assert apply_statuses(engine, "portal", SITE, {1: "funded", 2: "funded", 3: "failed"}, 2, MOMENT) == {(SITE, 1)}
    assert [known(engine, id).status for id in (1, 2, 3)] == ["funded", "funded", "funded"]
    assert (known(engine, 1).status_at, known(engine, 1).told) == (NOON + MINUTE, gift(1, "submitted"))
    tell(engine, told(3, gift(1, "refunded")))
    assert known(engine, 1).status == "refunded"


def test_a_placeholder_is_no_work_until_it_is_filled_in(engine: Engine) -> None:
    """A subscription's charge comes without sum and donor first."""
    empty = gift(1, "submitted", amount=Decimal(0), amount_total=Decimal(0), donor=Donor("Anonymous"))
    tell(engine, told(1, empty))
    assert (waiting(engine), known(engine, 1).placeholder) == ([], True)
    tell(engine, told(2, gift(1)))
    assert (waiting(engine), known(engine, 1).placeholder) == ([1], False)


def test_an_attempt_that_was_paid_after_all_is_worked_again(engine: Engine) -> None:
    """And once more when the payment is taken back: no retry stands for it any more."""
    tell(engine, told(1, gift(1, "failed")))
    write(engine, 1)
    assert tell(engine, told(2, gift(2))) == {1, 2}
    assert (known(engine, 1).superseded_by, waiting(engine)) == (2, [1, 2])
    write(engine, 1, 2)
    assert tell(engine, told(3, gift(2, "refunded"))) == {1, 2}
    assert known(engine, 1).superseded_by is None


def test_what_is_written_stays_known(engine: Engine) -> None:
    """An id that was not needed again is not lost; the form is the last one."""
    tell(engine, told(1, gift(1)))
    note_written(engine, "portal", {(SITE, 1): Written(501, 71, {"stage": "submitted", "error": "нет"})})
    note_written(engine, "portal", {(SITE, 1): Written(None, None, {"stage": "funded"}, gone=True)})
    one = known(engine, 1)
    assert (one.deal_id, one.contact_id, one.shown, one.gone, one.worked) == (501, 71, {"stage": "funded"}, True, False)
    assert waiting(engine) == [1]
    write(engine, 1, deal_id=502)
    assert (known(engine, 1).deal_id, known(engine, 1).gone, known(engine, 1).worked) == (502, False, True)


def test_a_letter_waits_for_what_stands_in_the_portal(engine: Engine) -> None:
    """Not for what is still to work, nor for what became nothing; a deal that people deleted does not stop it."""
    states = ["funded", "failed", "refunded", "submitted", "trash", "funded", "funded", "funded"]
    donor = [Donor(email=f"donor-{id}@example.org") for id in range(9)]
    tell(engine, *(told(id, gift(id, status, donor=donor[id])) for id, status in enumerate(states, 1)))
    assert unanswered(engine) == []
    write(engine, 1, 2, 3, 4, 5)
    write(engine, 6, deal_id=None)
    write(engine, 7, deal_id=None, gone=True)
    assert unanswered(engine) == [1, 2, 3, 7]
    tell(engine, told(9, gift(1, "refunded")))
    work_anew(engine, "portal", [(SITE, 2)])
    assert unanswered(engine) == [3, 7]


def test_no_letter_waits_for_what_is_old_or_twice(engine: Engine) -> None:
    """What came to its status before the moment asked for, and a charge told as two donations."""
    twice = [told(id, gift(id, gateway_ids={"cp_transaction_id": "900"})) for id in (1, 2)]
    tell(engine, *twice, told(3, gift(3)))
    write(engine, 1, 2, 3)
    assert unanswered(engine) == [1, 3]
    assert unanswered(engine, MOMENT - 10 * DAY + 3 * MINUTE) == [3]


def test_donations_of_donors_and_contacts_come_oldest_first(engine: Engine) -> None:
    """Whatever the order in which they came; who has none is left out."""
    tell(engine, told(1, gift(3)), told(2, gift(1)), told(3, gift(2)), told(4, gift(4, donor=Donor("Аноним"))))
    write(engine, 3, 1)
    write(engine, 2, contact_id=72)
    assert {id: ids(found) for id, found in of_contacts(engine, "portal", [71, 72, 73]).items()} == {
        71: [1, 3],
        72: [2],
    }
    assert {key: ids(found) for key, found in of_donors(engine, "portal", [ANNA.key, ""]).items()} == {
        ANNA.key: [1, 2, 3]
    }


def test_what_was_told_is_forgotten_once_the_portal_shows_it(engine: Engine) -> None:
    """Not of what changed lately, nor of what is still to work; what is told again is known again."""
    empty = gift(4, amount=Decimal(0), donor=Donor("Anonymous", phone="+79990000104"))
    tell(engine, told(1, gift(1)), told(2, gift(2)), told(4, empty))
    tell(engine, told(3, gift(3)), now=MOMENT + DAY)
    write(engine, 1, 3)
    assert forget_told(engine, "portal", MOMENT) == 0
    assert forget_told(engine, "another", MOMENT + DAY) == 0
    assert forget_told(engine, "portal", MOMENT + DAY) == 2
    assert [known(engine, id).told for id in (1, 2, 3, 4)] == [None, gift(2), gift(3), None]
    assert forget_told(engine, "portal", MOMENT + DAY) == 0
    assert apply_snapshots(engine, "portal", SITE, [gift(1)], 4, MOMENT) == frozenset()
    assert (known(engine, 1).told, waiting(engine)) == (gift(1), [2])


def test_nothing_of_a_forgotten_donor_is_left(engine: Engine) -> None:
    """Nowhere in the table."""
    tell(engine, told(1, gift(1, additional_fields={"phone": ANNA.phone})))
    write(engine, 1)
    forget_told(engine, "portal", MOMENT + DAY)
    with engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM donation")).one())
    assert not [word for word in (ANNA.name, ANNA.email, ANNA.phone, "Белова", "u0411") if word in row]


def test_donations_taken_in_before_keep_what_they_have(engine: Engine) -> None:
    """The newest tables are made of the ones before and back; rows stay, what was not kept then is unknown."""
    tell(engine, told(1, gift(1)))
    write(engine, 1)
    _migrate(engine, "downgrade", "0006")
    assert {column["name"] for column in inspect(engine).get_columns("donation")} & {"flags", "told"} == {"flags"}
    _migrate(engine, "upgrade", "head")
    one = known(engine, 1)
    assert (one.deal_id, one.contact_id, one.worked, one.gone) == (1, 71, True, False)
    assert (one.told, one.shown, one.status_at) == (None, {}, one.created_at)


def _migrate(engine: Engine, way: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, way)(config, revision)
