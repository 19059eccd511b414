from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from backoffice.gateway.runs import SeenRun
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from backoffice.store.engine import reading
from backoffice.store.import_requests import SOURCE
from backoffice.store.inbox import InboxRow, pending

# conftest's Frame and FakePrefect; test folders are no packages, so their types cannot be imported.
Frame = Any
FakePrefect = Any
Eventually = Callable[..., None]

COUNTS = (("Создано контактов", 8), ("Узнано контактов", 7), ("Несколько одинаковых", 1), ("Записано строк списка", 16))


def requests(engine: Engine) -> list[InboxRow]:
    with reading(engine) as session:
        return list(session.exec(select(InboxRow).where(InboxRow.source == SOURCE)))


def started(opened: Any) -> bool:
    """Does the first request know its run?"""
    return "ждёт исполнителя" not in opened.follow(1).text


def test_a_press_becomes_one_run_of_one_event(
    frame: Frame, prefect: FakePrefect, engine: Engine, eventually: Eventually
) -> None:
    """The deployment is named, the event is its parameter, and who pressed stands with the request."""
    assert frame.open(AUTH_ID=frame.token(user_id=2)).press(300100).status_code == 202
    eventually(lambda: prefect.given)
    assert list(prefect.given.values()) == [("attendance-import/one-event", {"event_id": 300100})]
    assert [row.body for row in requests(engine)] == [{"asked_by": "user 2"}]


def test_a_double_click_is_one_run(frame: Frame, prefect: FakePrefect, eventually: Eventually) -> None:
    """The same press sent twice, even after its run has ended, is the same request."""
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: prefect.runs)
    prefect.seen["run 1"] = SeenRun("COMPLETED")
    eventually(lambda: "Готово" in opened.press(300100).text)
    assert len(prefect.runs) == 1


def test_presses_of_many_people_join_the_open_request(
    frame: Frame, prefect: FakePrefect, engine: Engine, eventually: Eventually
) -> None:
    """500 presses at the same event from all sides at once: one request, one run."""
    opened = frame.open()
    with ThreadPoolExecutor(8) as people:
        statuses = list(people.map(lambda n: opened.press(300100, f"press-{n:04}").status_code, range(500)))
    assert set(statuses) == {202}
    eventually(lambda: prefect.runs)
    assert (len(requests(engine)), len(prefect.runs)) == (1, 1)


def test_presses_at_many_events_are_bounded(frame: Frame, engine: Engine) -> None:
    """500 different numbers: thirty requests wait, the others are told to come later."""
    opened = frame.open()
    statuses = [opened.press(event, f"press-{event:04}").status_code for event in range(1000, 1500)]
    assert (statuses.count(202), statuses.count(429)) == (30, 470)
    assert len(requests(engine)) == 30


def test_a_press_after_the_end_is_a_new_run(
    frame: Frame, prefect: FakePrefect, engine: Engine, eventually: Eventually
) -> None:
    """When the first has ended, pressing again imports again."""
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: prefect.runs)
    prefect.seen["run 1"] = SeenRun("COMPLETED")
    eventually(lambda: not pending(engine, SOURCE))
    opened.press(300100, "press-0002")
    eventually(lambda: len(prefect.runs) == 2)


@pytest.mark.parametrize("token", ["", "0" * 64, "я"])
def test_a_press_without_the_pages_token_is_refused(frame: Frame, engine: Engine, token: str) -> None:
    """Missing, guessed or odd: nothing is stored."""
    opened = frame.open()
    sent = {b"Authorization": f"Bearer {opened.session}".encode(), b"X-CSRF-Token": token.encode()}
    refused = frame.http.post("/app/imports", data={"event": "300100", "press": "press-0001"}, headers=sent)
    assert refused.status_code == 403
    assert requests(engine) == []


def test_a_token_of_another_session_is_refused(frame: Frame, engine: Engine) -> None:
    """The token is bound to its session."""
    one, other = frame.open(), frame.open()
    assert one.press(300100, **{"X-CSRF-Token": other.csrf}).status_code == 403
    assert requests(engine) == []


@pytest.mark.parametrize("event", ["", "0", "-1", "3001OO", "1" * 19, "300100 OR 1=1", "３００１００"])
def test_what_is_no_number_is_refused(frame: Frame, engine: Engine, event: str) -> None:
    """400, nothing stored."""
    assert frame.open().press(event).status_code == 400
    assert requests(engine) == []


def test_while_prefect_is_down_the_request_waits_and_says_so(
    frame: Frame, prefect: FakePrefect, eventually: Eventually
) -> None:
    """«Принят и сохранён» is told of what is stored; the run comes when the server does."""
    prefect.down = True
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: "принят и сохранён" in opened.follow(1).text)
    prefect.down = False
    eventually(lambda: "Идёт" in opened.follow(1).text)
    assert len(prefect.runs) == 1


def test_the_result_is_shown_with_its_counts(frame: Frame, prefect: FakePrefect, eventually: Eventually) -> None:
    """What the run reported, a link into the portal, and no other link."""
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: started(opened))
    link = ("Раздел мероприятия в портале", f"{frame.portal}/company/lists/1/view/1/")
    prefect.seen["run 1"] = SeenRun("COMPLETED", counts=COUNTS, link=link)
    shown = opened.follow(1).text
    assert 'data-done="yes"' in shown
    assert all(f'<th scope="row">{label}</th><td>{number}</td>' in shown for label, number in COUNTS)
    assert f'href="{link[1]}"' in shown
    prefect.seen["run 1"] = SeenRun("COMPLETED", counts=COUNTS, link=("x", "https://elsewhere.example/"))
    assert "href" not in opened.follow(1).text


def test_progress_is_shown_while_the_run_goes_on(frame: Frame, prefect: FakePrefect, eventually: Eventually) -> None:
    """The run's own words about how far it has come."""
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: started(opened))
    prefect.seen["run 1"] = SeenRun("RUNNING", progress="Семинар: записано 5 из 24")
    assert "записано 5 из 24" in opened.follow(1).text


FAILURES = {
    "Flow run encountered an exception: TimepadUnavailable: Timepad /v1/events/1: 503": "Таймпад не отвечает",
    "TimepadRefused: Timepad /v1/events/1: 404: такого мероприятия у организации нет": "Такого мероприятия",
    "PortalLacks: на портале нет списка": "запустите portal-setup",
    "ImportIncomplete: <b>Семинар</b>: не записано 1": "&lt;b&gt;Семинар&lt;/b&gt;: не записано 1",
    "": "Подробности — в Prefect",
}


@pytest.mark.parametrize(("message", "told"), FAILURES.items())
def test_a_failed_run_says_why(
    frame: Frame, prefect: FakePrefect, eventually: Eventually, message: str, told: str
) -> None:
    """In words for the person who pressed; Prefect's own, harmless, where we have none."""
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: started(opened))
    prefect.seen["run 1"] = SeenRun("FAILED", message)
    assert told in opened.follow(1).text


def test_a_run_deleted_in_prefect_ends_the_wait(
    frame: Frame, prefect: FakePrefect, engine: Engine, eventually: Eventually
) -> None:
    """The request is closed, and the page says that nothing is known."""
    opened = frame.open()
    opened.press(300100)
    eventually(lambda: started(opened))
    prefect.seen["run 1"] = None
    eventually(lambda: not pending(engine, SOURCE))
    assert "больше нет" in opened.follow(1).text


def test_a_restarted_gateway_goes_on_with_what_was_asked(
    frame: Frame, prefect: FakePrefect, engine: Engine, serve: Any, eventually: Eventually
) -> None:
    """Stored before it was answered: what waited for Prefect is started by the next gateway."""
    prefect.down = True
    frame.open().press(300100)
    with serve():
        prefect.down = False
        eventually(lambda: prefect.runs)
    assert set(prefect.runs) == {"inbox:import:1:0"}


SUBJECTS: dict[str, tuple[str, dict[str, str]]] = {
    "a number in the address": ("300100", {}),
    "the code of an element in the address": ("tp-300100-7001", {}),
    "a list": ("", {"document_id[]": "7"}),
    "a numbered map": ("", {"document_id[0]": "lists", "document_id[1]": "BizprocDocument", "document_id[2]": "7"}),
    "plain text": ("", {"document_id": "7"}),
}


@pytest.mark.parametrize(("event", "body"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_robot_asks_for_an_import(sender: Any, engine: Engine, event: str, body: dict[str, str]) -> None:
    """In each of the forms seen, the event itself or an element of the list stands in the inbox."""
    answer = sender.http.post("/bitrix24/path-secret/import", params={"event": event}, data=body)
    assert answer.status_code == 200
    assert [row.subject for row in requests(engine)] == ["300100" if event else "element 7"]


def test_a_robot_with_no_body_is_understood(sender: Any, prefect: FakePrefect, eventually: Eventually) -> None:
    """An address alone is enough; repeated while the run goes on it stays one run."""
    for _ in range(5):
        assert sender.http.post("/bitrix24/path-secret/import?event=300100").status_code == 200
    eventually(lambda: prefect.runs)
    assert list(prefect.given.values()) == [("attendance-import/one-event", {"event_id": 300100})]


REFUSED: dict[str, tuple[int, str, dict[str, str]]] = {
    "wrong secret": (404, "/bitrix24/guessed/import?event=300100", {}),
    "no event": (400, "/bitrix24/path-secret/import", {}),
    "no number": (400, "/bitrix24/path-secret/import?event={{ID}}", {"document_id": "7"}),
    "no element": (400, "/bitrix24/path-secret/import", {"document_id": "DEAL_7"}),
    "brackets": (400, "/bitrix24/path-secret/import", {"document_id[": "7"}),
}


@pytest.mark.parametrize(("status", "address", "body"), REFUSED.values(), ids=REFUSED)
def test_a_robot_that_names_nothing_is_refused(
    sender: Any, engine: Engine, status: int, address: str, body: dict[str, str]
) -> None:
    """Nothing is stored."""
    assert sender.http.post(address, data=body).status_code == status
    assert requests(engine) == []


def test_elements_of_one_event_are_one_import(
    frame: Frame, prefect: FakePrefect, engine: Engine, eventually: Eventually, elements: list[int]
) -> None:
    """Robots on every element of a section: the elements' event is read from the portal, and imported once."""
    for element in elements:
        frame.http.post("/bitrix24/path-secret/import", data={"document_id[2]": str(element)})
    eventually(lambda: len(pending(engine, SOURCE)) == 1)
    eventually(lambda: prefect.runs)
    assert len(elements) > 1
    assert [deployment for deployment, _ in prefect.given.values()] == ["attendance-import/one-event"]


def test_an_element_made_by_a_person_starts_nothing(
    frame: Frame, prefect: FakePrefect, engine: Engine, eventually: Eventually, prepared: dict[str, Any]
) -> None:
    """An element that is not there, or has no code of ours, closes the request."""
    frame.http.post("/bitrix24/path-secret/import", data={"document_id": "4000000"})
    eventually(lambda: requests(engine) and not pending(engine, SOURCE))
    assert prefect.runs == {}


@pytest.fixture
def elements(world: World, run_import: Callable[[int], None], prepared: dict[str, Any]) -> list[int]:
    """The elements that an import of the seminar left in the list."""
    run_import(prepared["event_id"])
    [kept] = world.portal.lists.by_id.values()
    return [element.id for element in kept.elements()]


@pytest.fixture
def prepared(world: World, below_the_engine: None) -> dict[str, Any]:
    """The seminar's portal with the list and the fields, as portal_setup makes them."""
    from flows.portal_setup import portal_setup

    planted = plant(world, "seminar")
    portal_setup.fn(dry_run=False)
    return planted
