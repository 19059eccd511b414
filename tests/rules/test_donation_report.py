"""What the reconciliation says when site, store and portal are put side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.rules.donation_accounts import Accounts, first_donations
from backoffice.rules.donation_differences import Difference, Kind
from backoffice.rules.donation_facts import (
    DELETED,
    FAILED,
    FUNDED,
    REFUNDED,
    SUBMITTED,
    TRASH,
    Campaign,
    Donation,
    Donor,
)
from backoffice.rules.donation_forms import form_of, wants_deal
from backoffice.rules.donation_policy import DonationPolicy
from backoffice.rules.donation_report import Reconciliation, compare, to_fix
from backoffice.rules.donation_verdicts import Key
from backoffice.rules.donation_work import Deal, KnownDonation
from backoffice.rules.portal_words import DirectionWords

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 4, 1, 12, tzinfo=MOSCOW)
SINCE = datetime(2026, 2, 1, tzinfo=MOSCOW)
MARCH = datetime(2026, 3, 10, 9, tzinfo=UTC)
SITE = "https://fund.example.org"
DIRECTIONS = DirectionWords(default="Без направления", campaigns={6: "Образование", 7: "Помощь семьям"})
POLICY = DonationPolicy()


def donation(number: int = 47, **told: Any) -> Donation:
    """700 roubles paid in March for campaign 6."""
    amount = Decimal(told.pop("amount", "700.00"))
    usual = {
        "status": FUNDED,
        "created_at": MARCH,
        "campaign": Campaign(6, "Учёба"),
        "donor": Donor("Анна Кузнецова", "anna@example.org"),
    }
    return Donation(**{"id": number, "amount": amount, "amount_total": amount, **usual, **told})


def known(said: Donation, **ours: Any) -> KnownDonation:
    """As our store has it once the process has worked it: deal 100 + number, showing what it should."""
    plain = KnownDonation(
        (SITE, said.id),
        "f",
        said.status,
        said.created_at,
        said.created_at,
        said.amount,
        said.currency,
        said.payment_type,
        said.subscription_id,
        said.campaign.id,
        said.donor.key,
        told=said,
    )
    worked = replace(plain, **{"deal_id": 100 + said.id, "contact_id": 5, **ours})
    return worked if "shown" in ours else replace(worked, shown=form_of(worked, DIRECTIONS))


def deal(of: KnownDonation, number: int | None = None, **edited: Any) -> Deal:
    """The deal of a donation as we last wrote it, with what people have changed since."""
    form = {**of.shown, **edited}
    return Deal(
        number or of.deal_id or 100 + of.id,
        form["stage"],
        form["stage"] == FUNDED,
        Decimal(form["amount"]),
        form["currency"],
        of.created_at + timedelta(minutes=1),
        of.contact_id,
        SITE,
        str(of.id),
        form,
    )


def dateless(of: KnownDonation) -> Deal:
    """Its deal, made in the period and without the moment of the donation."""
    return replace(deal(of, donated_at=""), created_at=MARCH)


def foreign(**facts: Any) -> Deal:
    """An unpaid deal of the same donor and sum that a form of the CRM has made."""
    usual = {"stage": SUBMITTED, "won": False, "amount": Decimal("700.00"), "currency": "RUB", "created_at": MARCH}
    return Deal(**{"id": 900, "contact_id": 5, **usual, **facts})


def by_key(*donations: Donation) -> dict[Key, Donation]:
    return {(SITE, one.id): one for one in donations}


def ours(*donations: KnownDonation) -> dict[Key, KnownDonation]:
    return {one.key: one for one in donations}


def report(
    site: Mapping[Key, Donation], store: Mapping[Key, KnownDonation], deals: Sequence[Deal] = (), **policy: Any
) -> Reconciliation:
    return compare(Accounts(SINCE, site, store, deals), DIRECTIONS, NOW, DonationPolicy(**policy))


def only(made: Reconciliation) -> Difference:
    [one] = made.differences
    return one


def test_where_everything_stands_there_is_nothing_to_say() -> None:
    """The sums of both sides are equal, line by line."""
    said = donation()
    made = report(by_key(said), ours(known(said)), [deal(known(said))])
    assert (made.differences, made.agrees, to_fix(made)) == ((), True, [])
    assert made.sums.to_dict("records") == [
        {
            "direction": "Образование",
            "month": "2026-03",
            "currency": "RUB",
            "site": Decimal("700.00"),
            "portal": Decimal("700.00"),
            "difference": Decimal("0.00"),
        }
    ]


def test_the_sums_are_exact() -> None:
    """A thousand times ten kopecks are a hundred roubles, which no float says."""
    donations = [donation(number, amount="0.10") for number in range(1, 1001)]
    store = [known(one) for one in donations]
    made = report(by_key(*donations), ours(*store), [deal(one) for one in store])
    assert made.totals == {"RUB": (Decimal("100.00"), Decimal("100.00"))}
    assert all(type(value) is Decimal for value in made.sums[["site", "portal", "difference"]].to_numpy().ravel())


def test_the_kopeck_that_does_not_agree_is_named() -> None:
    """With its donation, its deal and the reason."""
    right, wrong = donation(1), donation(2, amount="150.50")
    store = [known(right), known(wrong)]
    made = report(by_key(right, wrong), ours(*store), [deal(store[0]), deal(store[1], amount="150.49")])
    [gap] = made.gaps
    assert (gap.key, gap.deal_id, gap.difference) == ((SITE, 2), 102, Decimal("-0.01"))
    assert made.reasons(gap) == [Kind.EDITED]
    [line] = made.sums.to_dict("records")
    assert (line["site"], line["portal"], line["difference"]) == (
        Decimal("850.50"),
        Decimal("850.49"),
        Decimal("-0.01"),
    )


def test_lines_that_make_up_for_each_other_do_not_agree() -> None:
    """A deal in another direction leaves the whole equal, and two lines not."""
    said = donation()
    made = report(by_key(said), ours(known(said)), [deal(known(said), direction="Помощь семьям")])
    assert made.totals == {"RUB": (Decimal("700.00"), Decimal("700.00"))}
    assert not made.agrees
    assert [(gap.place[0], gap.difference) for gap in made.gaps] == [
        ("Образование", Decimal("-700.00")),
        ("Помощь семьям", Decimal("700.00")),
    ]


def test_months_are_the_portal_s() -> None:
    """Half past midnight of the first in Moscow is still the last day of the month before in Greenwich."""
    said = donation(created_at=datetime(2026, 2, 28, 21, 30, tzinfo=UTC))
    made = report(by_key(said), ours(known(said)), [deal(known(said))])
    assert list(made.sums["month"]) == ["2026-03"]
    assert made.agrees


def test_currencies_are_not_added_up() -> None:
    """Each has lines and a total of its own."""
    roubles, dollars = donation(1), donation(2, currency="USD", amount="10")
    store = [known(roubles), known(dollars)]
    made = report(by_key(roubles, dollars), ours(*store), [deal(one) for one in store])
    assert set(made.totals) == {"RUB", "USD"}
    assert made.agrees
    cheaper = report(by_key(roubles, dollars), ours(*store), [deal(store[0]), deal(store[1], amount="9.00")])
    assert (cheaper.agrees, cheaper.agrees_in("RUB"), cheaper.agrees_in("USD")) == (False, True, False)


WRONG = [
    ({"amount": "600.00"}, Kind.WRONG_SUM, "700\u00a0₽", "600\u00a0₽"),
    ({"currency": "USD"}, Kind.WRONG_SUM, "700\u00a0₽", "700\u00a0USD"),
    ({"stage": "failed"}, Kind.WRONG_STAGE, "Получено", "Платёж не прошёл"),
    ({"direction": ""}, Kind.WRONG_DIRECTION, "Образование", "пусто"),
    ({"campaign": "Сбор"}, Kind.WRONG_FIELD, "кампания: Учёба", "кампания: Сбор"),
    (
        {"donated_at": "2026-04-10T09:00:00+00:00"},
        Kind.WRONG_FIELD,
        "когда пожертвовано: 10.03.2026 12:00",
        "когда пожертвовано: 10.04.2026 12:00",
    ),
]


@pytest.mark.parametrize(("stands", "kind", "site", "portal"), WRONG)
def test_what_we_never_wrote_right_is_ours_to_write(stands: dict[str, str], kind: Kind, site: str, portal: str) -> None:
    """Kind by kind, with what each side says; the process puts it right."""
    said = donation()
    right = known(said)
    unwritten = replace(right, shown={**right.shown, **stands})
    made = report(by_key(said), ours(unwritten), [deal(unwritten)])
    one = only(made)
    assert (one.kind, one.site, one.portal, one.safe_to_fix) == (kind, site, portal, True)
    assert to_fix(made) == [(SITE, 47)]


@pytest.mark.parametrize("edited", [stands for stands, *_ in WRONG])
def test_what_people_changed_stays_theirs(edited: dict[str, Any]) -> None:
    """We had written what should be there: the report says so, and nothing is put back."""
    said = donation()
    made = report(by_key(said), ours(known(said)), [deal(known(said), **edited)])
    assert (only(made).kind, only(made).safe_to_fix, to_fix(made)) == (Kind.EDITED, False, [])


def test_a_deal_may_have_any_title() -> None:
    """People call it by the donor, whose name has no place in a report."""
    said = donation()
    assert report(by_key(said), ours(known(said)), [deal(known(said), title="От Анны Кузнецовой")]).differences == ()


def test_a_deal_that_was_not_made_is_made() -> None:
    """Nobody has deleted it: the process has not come to it."""
    said = donation()
    made = report(by_key(said), ours(known(said, deal_id=None, shown={})))
    assert (only(made).kind, only(made).safe_to_fix) == (Kind.MISSING_DEAL, True)
    assert [made.reasons(gap) for gap in made.gaps] == [[Kind.MISSING_DEAL]]


@pytest.mark.parametrize("gone", [{}, {"gone": True, "deal_id": None}], ids=["not noticed yet", "noticed"])
def test_a_deal_that_people_deleted_is_not_made_again(gone: dict[str, Any]) -> None:
    """Unless the policy says so."""
    said = donation()
    made, again = (report(by_key(said), ours(known(said, **gone)), recreate_deleted=anew) for anew in (False, True))
    assert (only(made).kind, to_fix(made)) == (Kind.DELETED, [])
    assert (only(again).kind, to_fix(again)) == (Kind.DELETED, [(SITE, 47)])


def test_an_attempt_may_still_be_paid() -> None:
    """It has no deal while it waits, and wants one afterwards."""
    fresh = donation(1, status=SUBMITTED, created_at=NOW - timedelta(minutes=29))
    stale = donation(2, status=SUBMITTED, created_at=NOW - timedelta(minutes=31))
    store = [known(one, deal_id=None, shown={}) for one in (fresh, stale)]
    made = report(by_key(fresh, stale), ours(*store))
    assert (only(made).kind, only(made).key) == (Kind.MISSING_DEAL, (SITE, 2))


def test_a_donation_unknown_to_us_is_taken_in() -> None:
    """Its deal may stand nevertheless, as after a loss of our database."""
    said = donation()
    bare, with_deal = report(by_key(said), {}), report(by_key(said), {}, [deal(known(said))])
    assert [only(one).kind for one in (bare, with_deal)] == [Kind.MISSING_HERE] * 2
    assert [only(one).deal_id for one in (bare, with_deal)] == [None, 147]
    assert (bare.agrees, with_deal.agrees) == (False, True)


def test_what_the_site_says_newer_is_still_on_its_way() -> None:
    """One line, not one for each field that follows from it."""
    was = known(donation(status=FAILED))
    made = report(by_key(donation()), ours(was), [deal(was)])
    assert (only(made).kind, only(made).safe_to_fix) == (Kind.BEHIND, True)
    assert "стадия: Получено" in only(made).site
    assert "стадия: Платёж не прошёл" in only(made).portal
    assert [made.reasons(gap) for gap in made.gaps] == [[Kind.BEHIND]]


def test_a_donation_forgotten_but_for_its_figures_is_compared_by_them() -> None:
    """What only the site's word told is taken from the site's word of now."""
    said = donation()
    forgotten = replace(known(said), told=None)
    assert report(by_key(said), ours(forgotten), [deal(forgotten)]).differences == ()


@pytest.mark.parametrize(("status", "listed"), [(TRASH, True), ("draft", True), (FUNDED, False), (DELETED, False)])
def test_a_won_deal_outlives_what_the_site_threw_away(status: str, listed: bool) -> None:
    """The portal keeps counting it, the report says why, and no fix touches it."""
    paid = known(donation())
    thrown = replace(paid, status=status)
    stands = replace(thrown, shown=form_of(thrown, DIRECTIONS))
    made = report(by_key(donation(status=status)) if listed else {}, ours(stands), [deal(stands)])
    assert (only(made).kind, to_fix(made)) == (Kind.WITHDRAWN, [])
    assert [(gap.difference, made.reasons(gap)) for gap in made.gaps] == [(Decimal("700.00"), [Kind.WITHDRAWN])]


def test_what_was_thrown_away_before_it_had_a_deal_is_nobody_s_business() -> None:
    """Neither a missing deal nor news."""
    trash = donation(status=TRASH)
    assert report(by_key(trash), ours(known(trash, deal_id=None, shown={}))).differences == ()
    assert report({}, ours(known(donation(status=DELETED), deal_id=None, shown={}))).differences == ()


def test_the_first_word_of_a_charge_is_mentioned_when_it_stays_the_only_one() -> None:
    """For an hour it is usual."""
    fresh = donation(1, amount="0", donor=Donor(), created_at=NOW - timedelta(minutes=59))
    stale = donation(2, amount="0", donor=Donor(), created_at=NOW - timedelta(minutes=61))
    store = [known(one, deal_id=None, shown={}) for one in (fresh, stale)]
    made = report(by_key(fresh, stale), ours(*store))
    assert (only(made).kind, only(made).key, made.agrees) == (Kind.UNFINISHED, (SITE, 2), True)


def test_a_charge_told_twice_counts_once() -> None:
    """And is named: the donor may have paid twice."""
    first, second = donation(1), donation(2)
    again = known(second, duplicate_of=1)
    made = report(by_key(first, second), ours(known(first), again), [deal(known(first)), deal(again)])
    assert (only(made).kind, only(made).key, made.agrees) == (Kind.DOUBLE_CHARGE, (SITE, 2), True)
    assert made.totals["RUB"] == (Decimal("700.00"), Decimal("700.00"))


def test_a_charge_told_twice_is_found_without_our_store() -> None:
    """The portal counts it twice then, and the report says why."""
    first, second = (donation(number, gateway="cp", gateway_ids={"cp_transaction_id": "9"}) for number in (1, 2))
    store = [known(first), known(second)]
    made = report(by_key(first, second), ours(*store), [deal(one) for one in store])
    assert (only(made).kind, only(made).key) == (Kind.DOUBLE_CHARGE, (SITE, 2))
    assert [(gap.key, gap.difference) for gap in made.gaps] == [((SITE, 2), Decimal("700.00"))]


def test_a_failed_attempt_made_good_is_information() -> None:
    """Its deal is cancelled and stays; nothing is to be done."""
    failed = donation(1, status=FAILED)
    stands = known(failed, superseded_by=2)
    made = report(by_key(failed), ours(stands), [deal(stands)])
    assert (only(made).kind, to_fix(made)) == (Kind.SUPERSEDED, [])


def test_a_charge_of_a_subscription_nobody_knows_is_named() -> None:
    """By its first donation, which may be older than the report, or by Leyka's own error."""
    first = donation(3, created_at=SINCE - timedelta(days=400), payment_type="rebill", subscription_id=3)
    charge = donation(4, payment_type="rebill", subscription_id=3)
    stray = donation(5, payment_type="rebill", subscription_id=2)
    lost = donation(6, status=FAILED, error_id="CP-7052", campaign=Campaign())
    site, store = by_key(charge, stray, lost), [known(one) for one in (charge, stray, lost)]
    made = report(site, ours(known(first), *store), [deal(one) for one in store])
    assert [(one.kind, one.key) for one in made.differences] == [
        (Kind.UNKNOWN_SUBSCRIPTION, (SITE, 5)),
        (Kind.UNKNOWN_SUBSCRIPTION, (SITE, 6)),
    ]
    assert first_donations(site) == {(SITE, 3), (SITE, 2)}
    assert made.agrees


def test_a_deal_of_no_donation_is_left_to_people() -> None:
    """One of a donation older than the period is none of these."""
    said, old = donation(), donation(2, created_at=SINCE - timedelta(days=1))
    late, orphan = deal(known(old)), deal(known(donation(99)))
    made = report(by_key(said), ours(known(said)), [deal(known(said)), late, orphan])
    assert (only(made).kind, only(made).deal_id, to_fix(made)) == (Kind.ORPHAN, 199, [])
    assert [made.reasons(gap) for gap in made.gaps] == [[Kind.ORPHAN]]


def test_a_deal_of_an_older_donation_may_have_lost_its_date() -> None:
    """The donation is known, as the first of a subscription: its money belongs to its own month."""
    charge = donation(4, payment_type="rebill", subscription_id=3)
    first = donation(3, created_at=SINCE - timedelta(days=1), payment_type="rebill", subscription_id=3)
    made = report(by_key(charge), ours(known(first), known(charge)), [deal(known(charge)), dateless(known(first))])
    assert (made.differences, made.agrees) == ((), True)


def test_money_brought_in_otherwise_is_shown_apart() -> None:
    """A deal made by hand has no counterpart on the site, and neither has another system's."""
    said = donation()
    cash = foreign(id=901, won=True, amount=Decimal("5000.00"))
    other = foreign(id=902, won=True, amount=Decimal("0.50"), site="1c", origin="12")
    made = report(by_key(said), ours(known(said)), [deal(known(said)), cash, other])
    assert (made.differences, made.agrees, made.by_hand) == ((), True, {"RUB": Decimal("5000.50")})


def test_an_unpaid_twin_of_a_paid_deal_is_removed() -> None:
    """With our number or without one; not where the policy leaves twins alone."""
    said = donation()
    deals = [deal(known(said)), deal(known(said), 900, stage="submitted"), foreign(id=901)]
    made, kept = (report(by_key(said), ours(known(said)), deals, remove_twins=removed) for removed in (True, False))
    assert [(one.kind, one.deal_id, one.safe_to_fix) for one in made.differences] == [
        (Kind.TWIN, 900, True),
        (Kind.TWIN, 901, True),
    ]
    assert (to_fix(made), to_fix(kept), made.agrees) == ([(SITE, 47)], [], True)


@pytest.mark.parametrize(
    "decoy",
    [
        {"contact_id": 6},
        {"amount": Decimal("700.01")},
        {"created_at": MARCH + timedelta(hours=25)},
        {"form": {"direction": "Помощь семьям"}},
    ],
    ids=["another donor", "another sum", "the next day", "another direction"],
)
def test_a_deal_that_may_be_another_payment_s_is_no_twin(decoy: dict[str, Any]) -> None:
    said = donation()
    assert report(by_key(said), ours(known(said)), [deal(known(said)), foreign(**decoy)]).differences == ()


def test_a_second_paid_deal_of_a_payment_is_for_people_to_decide() -> None:
    """Somebody may have given twice, and one of them not by the site: nothing paid is ever removed."""
    said = donation()
    found = report(by_key(said), ours(known(said)), [deal(known(said)), foreign(won=True)]).differences
    assert [(one.kind, one.deal_id, one.safe_to_fix, one.remedy) for one in found] == [
        (Kind.TWIN, 900, False, "решает человек")
    ]


def test_an_unpaid_deal_beside_an_unpaid_donation_is_no_twin() -> None:
    """Nobody knows yet which of them will be paid."""
    failed = known(donation(status=FAILED))
    assert report(by_key(donation(status=FAILED)), ours(failed), [deal(failed), foreign()]).differences == ()


def test_two_paid_deals_of_one_donation_are_left_to_people() -> None:
    """The portal counts the money twice, and the report says by which deal."""
    said = donation()
    made = report(by_key(said), ours(known(said)), [deal(known(said)), deal(known(said), 900)])
    assert (only(made).kind, only(made).deal_id, to_fix(made)) == (Kind.TWIN, 900, [])
    assert [(gap.difference, made.reasons(gap)) for gap in made.gaps] == [(Decimal("700.00"), [Kind.TWIN])]


statuses = st.sampled_from([SUBMITTED, FAILED, FUNDED, REFUNDED, TRASH, "draft"])
moments = st.integers(1, 58 * 24 * 3600).map(lambda seconds: (SINCE + timedelta(seconds=seconds)).astimezone(UTC))
edits = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["submitted", "failed", "funded", "refunded", "cancelled", "C1:MINE"]),
        "amount": st.sampled_from(["0.01", "700.00", "699.99"]),
        "currency": st.sampled_from(["RUB", "USD"]),
        "direction": st.sampled_from(["Образование", "Иное", ""]),
        "donated_at": st.sampled_from(["2026-03-31T20:59:59+00:00", "2026-03-31T21:00:00+00:00", ""]),
    },
)


@st.composite
def mixes(draw: st.DrawFn, disturbed: bool) -> Accounts:
    """Donations of every status and their deals; disturbed: not every side knows each, and people have edited."""
    site: dict[Key, Donation] = {}
    store: dict[Key, KnownDonation] = {}
    deals: list[Deal] = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        said = donation(
            number,
            status=draw(statuses),
            amount=draw(st.decimals("0.01", "99999.99", places=2)),
            created_at=draw(moments),
            currency=draw(st.sampled_from(["RUB", "USD"])),
            campaign=Campaign(draw(st.sampled_from([6, 7, 8, None]))),
        )
        duplicate = number - 1 if said.status == FUNDED and (SITE, number - 1) in site and draw(st.booleans()) else None
        ours = known(said, duplicate_of=duplicate)
        heard, kept, made = (draw(st.booleans()) for _ in range(3)) if disturbed else (True, True, wants_deal(ours))
        if heard:
            site[SITE, said.id] = replace(said, status=draw(statuses)) if disturbed else said
        if kept:
            store[ours.key] = ours if made or disturbed else replace(ours, deal_id=None, shown={})
        edited: dict[str, Any] = draw(edits)
        if made:
            deals += [deal(ours, **(edited if disturbed else {}))]
            deals += [deal(ours, 200 + number)] if disturbed and draw(st.booleans()) else []
    return Accounts(SINCE, site, store, deals)


@given(mixes(disturbed=False))
def test_whatever_the_donations_the_sides_agree_when_every_deal_shows_what_it_should(accounts: Accounts) -> None:
    """To the kopeck in every line, and nothing is left to fix."""
    made = compare(accounts, DIRECTIONS, NOW, POLICY)
    assert made.agrees
    assert all(site == portal for site, portal in made.totals.values())
    assert {one.kind for one in made.differences} <= {Kind.DOUBLE_CHARGE}
    assert to_fix(made) == []


@settings(max_examples=50)
@given(mixes(disturbed=True))
def test_nothing_is_lost_and_nothing_told_twice(accounts: Accounts) -> None:
    """Every donation and every deal stands in exactly one entry of the comparison."""
    made = compare(accounts, DIRECTIONS, NOW, POLICY)
    keys = [entry.key for entry in made.accounts.entries]
    ours = [one for one in accounts.deals if one not in accounts.others]
    assert sorted(keys) == sorted({*accounts.site, *accounts.known, *(one.key for one in ours if one.key)})
    assert sorted(one.id for entry in made.accounts.entries for one in entry.deals) == sorted(one.id for one in ours)
    assert {entry.key: entry.said for entry in made.accounts.entries if entry.said} == accounts.site
    assert {entry.key: entry.known for entry in made.accounts.entries if entry.known} == accounts.known


@settings(max_examples=50)
@given(mixes(disturbed=True))
def test_every_kopeck_between_the_sides_has_a_name_and_a_reason(accounts: Accounts) -> None:
    """The gaps of a line come to its difference, and each has something said of its donation."""
    made = compare(accounts, DIRECTIONS, NOW, POLICY)
    for line in made.sums.to_dict("records"):
        place = (line["direction"], line["month"], line["currency"])
        assert sum(gap.difference for gap in made.gaps if gap.place == place) == line["difference"]
        assert line["difference"] == line["portal"] - line["site"]
    assert all(made.reasons(gap) for gap in made.gaps)
    won = [one for entry in made.accounts.entries for one in entry.deals if one.won]
    assert sum(made.sums["portal"], Decimal()) == sum((one.amount for one in won), Decimal())
