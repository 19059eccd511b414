"""Donations in the store: what the site told last stands there, however it was told."""

import copy
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import delete

from backoffice.rules.donation_events import read_donation, read_event
from backoffice.rules.donation_facts import Donation, DonationEvent, Donor
from backoffice.rules.donation_work import KnownDonation
from backoffice.sandbox.leyka.recording import RECORDED, deliveries
from backoffice.store.donation_changes import apply, apply_snapshots
from backoffice.store.donation_rows import DonationRow, rows_of
from backoffice.store.donations import (
    Written,
    created_between,
    donations,
    mark_worked,
    newest_seqs,
    note_written,
    of_donors,
    to_work,
    work_anew,
)
from backoffice.store.engine import reading, writing

MOMENT = datetime(2026, 12, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = "https://fund.example.org"
EVENTS = [read_event(body) for body in deliveries()]
ANNA, VERA = Donor("Анна", "anna@example.org"), Donor("Вера", "vera@example.org")


def gift(
    id: int, status: str = "funded", donor: Donor = ANNA, minute: int = 0, charge: str = "", amount: int = 100
) -> Donation:
    created_at, sum_ = NOON + (minute or id) * MINUTE, Decimal(f"{amount}.00")
    ids = {"cp_transaction_id": charge} if charge else {}
    return Donation(id, status, created_at, sum_, sum_, donor=donor, gateway="cp", gateway_ids=ids)


def told(seq: int, donation: Donation, kind: str = "status") -> DonationEvent:
    return DonationEvent(SITE, seq, f"event-{seq}", kind, donation.id, MOMENT + seq * MINUTE, donation)


def tell(engine: Engine, *events: DonationEvent, portal: str = "portal") -> set[int]:
    return {donation_id for _, donation_id in apply(engine, portal, events, MOMENT)}


def row(engine: Engine, id: int) -> DonationRow:
    with reading(engine) as session:
        return session.get_one(DonationRow, ("portal", SITE, id))


def standing(engine: Engine) -> list[dict[str, Any]]:
    """The whole table, without when it was written."""
    with reading(engine) as session:
        rows = sorted(session.exec(rows_of("portal")), key=lambda row: row.key)
    return [row.model_dump(exclude={"changed_at"}) for row in rows]


def empty(engine: Engine) -> None:
    with writing(engine) as session:
        session.exec(delete(DonationRow))


def waiting(engine: Engine, until: datetime = MOMENT) -> list[int]:
    return [id for _, id in to_work(engine, "portal", until)]


def behind(engine: Engine) -> list[KnownDonation]:
    return list(donations(engine, "portal", to_work(engine, "portal", MOMENT)).values())


def finish(engine: Engine) -> None:
    mark_worked(engine, "portal", {one.key: one.fingerprint for one in behind(engine)})


def test_the_real_deliveries_stand_as_last_told(engine: Engine) -> None:
    """Sums to the kopeck, what was deleted is deleted; the donor is seen only by those who ask for what was told."""
    assert tell(engine, *EVENTS) == {47, 48, 49, 50, 51}
    assert [(one["donation_id"], one["status"], one["seq"]) for one in standing(engine)] == [
        (47, "funded", 2),
        (48, "funded", 5),
        (49, "funded", 13),
        (50, "funded", 12),
        (51, "deleted", 18),
    ]
    paid = row(engine, 47)
    assert (paid.amount, paid.amount_total, paid.campaign_id) == (Decimal("700.00"), Decimal("679.70"), 6)
    assert (paid.transaction_id, paid.created_at) == ("900147", datetime(2026, 11, 21, 19, 49, 56, tzinfo=UTC))
    assert (row(engine, 50).subscription_id, row(engine, 50).repeated) == (49, True)
    paid_by = donations(engine, "portal", [(SITE, 47)])[SITE, 47]
    assert not [word for word in ("olga", "Кузнецова", "7999") if word in f"{paid!r} {paid_by!r}"]
    assert paid_by.told == EVENTS[1].donation


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS)), st.lists(st.integers(1, 20), max_size=5))
def test_any_order_of_the_real_deliveries_ends_in_the_same_rows(
    engine: Engine, order: list[DonationEvent], repeats: list[DonationEvent], cuts: list[int]
) -> None:
    """Repeated as often as it may be, in portions of any size."""
    empty(engine)
    tell(engine, *EVENTS)
    wanted = standing(engine)
    empty(engine)
    stream = order + repeats
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(stream)], strict=True):
        tell(engine, *stream[start:end])
    assert standing(engine) == wanted


LIVES = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.sampled_from(["submitted", "funded", "failed", "refunded", "trash"]),
        st.sampled_from([ANNA, VERA, Donor()]),
        st.sampled_from([1, 2, 3, 24 * 60 + 2]),
        st.sampled_from(["", "900", "901"]),
        st.sampled_from([100, 200]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIVES, st.randoms(use_true_random=False))
def test_any_order_of_any_donations_ends_in_the_same_rows(engine: Engine, lives: list[Any], chance: Any) -> None:
    """Donors, sums, charges and statuses may be mended by later events; what repeats, doubles, supersedes follows."""
    kinds = ["created", "status", "edited"]
    stream = [told(seq, gift(*life), kinds[seq % 3]) for seq, life in enumerate(lives)]
    empty(engine)
    tell(engine, *stream)
    wanted = standing(engine)
    empty(engine)
    shuffled = stream * 2
    chance.shuffle(shuffled)
    for event in shuffled:
        tell(engine, event)
    assert standing(engine) == wanted
    assert all(one["status_at"] and read_donation(one["told"]).status == one["status"] for one in wanted)
    firsts = {}
    for one in sorted(wanted, key=lambda own: (own["created_at"], own["donation_id"])):
        if one["donor_key"]:
            assert one["repeated"] == (one["donor_key"] in firsts)
        if one["status"] == "funded" and one["duplicate_of"] is None:
            firsts[one["donor_key"]] = one


def test_an_older_event_changes_nothing(engine: Engine) -> None:
    """The one that came late is told apart by its number, not by its arrival."""
    assert tell(engine, told(5, gift(1))) == {1}
    assert tell(engine, told(4, gift(1, "submitted")), told(5, gift(1, "failed"))) == set()
    assert row(engine, 1).status == "funded"


def test_an_event_without_a_donation_tells_its_status(engine: Engine) -> None:
    """The sum is from the last event that had it, whichever came first."""
    gone = DonationEvent(SITE, 7, "event-7", "status", 1, MOMENT, None, "funded", "refunded")
    assert tell(engine, gone) == {1}
    assert waiting(engine) == []
    tell(engine, told(6, gift(1)))
    assert (row(engine, 1).status, row(engine, 1).amount) == ("refunded", Decimal("100.00"))
    assert waiting(engine) == [1]


def test_four_processes_end_in_the_same_rows(contest: Callable[..., list[str]], engine: Engine) -> None:
    """Each applies everything in an order of its own at the same moment."""
    tell(engine, *EVENTS)
    wanted = standing(engine)
    empty(engine)
    contest("apply_donations", str(RECORDED))
    assert standing(engine) == wanted


def test_what_the_portal_shows_is_not_worked_again(engine: Engine) -> None:
    """Until something changes; a repeated event is no change."""
    tell(engine, told(1, gift(1, "failed")), told(2, gift(2)))
    assert waiting(engine) == [1, 2]
    one, two = behind(engine)
    note_written(engine, "portal", {one.key: Written(501, 71, {"stage": "failed"})})
    assert waiting(engine) == [1, 2]
    mark_worked(engine, "portal", {one.key: one.fingerprint, two.key: two.fingerprint})
    assert waiting(engine) == []
    assert tell(engine, told(1, gift(1, "failed")), told(3, gift(2), "edited")) == set()
    assert waiting(engine) == []
    tell(engine, told(4, gift(1, donor=VERA)))
    assert waiting(engine) == [1]
    known = donations(engine, "portal", [one.key])[one.key]
    assert (known.deal_id, known.contact_id, known.shown, known.worked) == (501, 71, {"stage": "failed"}, False)


def test_what_changed_while_it_was_worked_is_worked_again(engine: Engine) -> None:
    """The portal shows what the row was, and the row is that no more."""
    tell(engine, told(1, gift(1, "failed")))
    [before] = behind(engine)
    tell(engine, told(2, gift(1)))
    mark_worked(engine, "portal", {before.key: before.fingerprint})
    assert waiting(engine) == [1]


def test_what_was_just_submitted_waits(engine: Engine) -> None:
    """It will be paid or fail in a moment; one that neither did is worked after all."""
    tell(engine, told(1, gift(1, "submitted")), told(2, gift(2, "failed")))
    assert waiting(engine, NOON) == [2]
    assert waiting(engine, NOON + MINUTE) == [1, 2]


def test_an_earlier_donation_that_comes_late_makes_the_others_repeated(engine: Engine) -> None:
    """They are worked again, those that were repeated already are not."""
    tell(engine, told(1, gift(2)), told(2, gift(3)), told(3, gift(4, "failed")), told(4, gift(5, donor=VERA)))
    finish(engine)
    assert [row(engine, id).repeated for id in (2, 3, 4, 5)] == [False, True, True, False]
    assert tell(engine, told(5, gift(1))) == {1, 2}
    assert waiting(engine) == [1, 2]
    assert tell(engine, told(6, gift(1, "refunded"))) == {1, 2}
    assert not row(engine, 2).repeated


def test_of_one_second_the_smaller_number_is_earlier(engine: Engine) -> None:
    """Moments are whole seconds; two donations of one of them are not both the first."""
    tell(engine, told(1, gift(8, minute=3)), told(2, gift(7, minute=3)))
    assert [row(engine, id).repeated for id in (7, 8)] == [False, True]


def test_an_anonymous_donation_is_never_repeated(engine: Engine) -> None:
    """Nobody knows whose they are."""
    tell(engine, told(1, gift(1, donor=Donor())), told(2, gift(2, donor=Donor())))
    assert [row(engine, id).repeated for id in (1, 2)] == [False, False]
    assert of_donors(engine, "portal", [""]) == {}


def test_the_same_charge_told_as_two_donations_is_seen(engine: Engine) -> None:
    """The first funded one counts; a failed attempt has nothing to double, and what is mended is no duplicate."""
    tell(engine, told(1, gift(1, "failed", charge="900")), told(2, gift(2, charge="900")))
    tell(engine, told(3, gift(3, donor=VERA, charge="900")), told(4, gift(4, charge="901")))
    assert [row(engine, id).duplicate_of for id in (1, 2, 3, 4)] == [None, None, 2, None]
    assert tell(engine, told(5, gift(2, "trash", charge="900"))) >= {2, 3}
    assert row(engine, 3).duplicate_of is None


def test_what_comes_back_from_the_site_overwrites_what_is_not_newer(engine: Engine) -> None:
    """A change that no event told; of donation 2 something newer than the reading is known."""
    tell(engine, told(1, gift(1)), told(9, gift(2, "refunded")))
    read = [gift(1, "refunded"), gift(2), gift(3)]
    assert {id for _, id in apply_snapshots(engine, "portal", SITE, read, 8, MOMENT)} == {1, 2, 3}
    assert [row(engine, id).status for id in (1, 2, 3)] == ["refunded", "refunded", "funded"]
    assert apply_snapshots(engine, "portal", SITE, read, 8, MOMENT) == frozenset()
    tell(engine, told(10, gift(1)))
    assert row(engine, 1).status == "funded"


def test_what_the_portal_lost_is_worked_again(engine: Engine) -> None:
    """The others are not."""
    tell(engine, told(1, gift(1, "failed")), told(2, gift(2)))
    finish(engine)
    work_anew(engine, "portal", [(SITE, 2)])
    assert waiting(engine) == [2]


def test_reports_find_their_donations(engine: Engine) -> None:
    """By time, by donor, and how far the site has told; portals and sites are apart."""
    tell(engine, told(1, gift(1)), told(2, gift(2, donor=VERA)), told(3, gift(3)))
    tell(engine, told(9, gift(1)), portal="other")
    assert _ids(created_between(engine, "portal", NOON + MINUTE, NOON + 3 * MINUTE)) == [1, 2]
    assert _ids(of_donors(engine, "portal", [ANNA.key])[ANNA.key]) == [1, 3]
    assert (newest_seqs(engine, "portal"), newest_seqs(engine, "third")) == ({SITE: 3}, {})


def test_thousands_of_events_are_taken_in_in_portions(engine: Engine) -> None:
    """Of 300 donors, each with four donations; told again they change nothing."""
    donors = [Donor(email=f"donor-{number}@example.org") for number in range(300)]
    stream = [told(number, gift(number, donor=donors[number % 300])) for number in range(1, 1201)]
    assert len(tell(engine, *stream)) == 1200
    assert tell(engine, *copy.deepcopy(stream)) == set()
    assert sum(one.repeated for one in behind(engine)) == 900


def _ids(known: Iterable[KnownDonation]) -> list[int]:
    return [one.id for one in known]
