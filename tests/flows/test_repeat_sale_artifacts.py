"""What people see in Prefect of repeat-sale calls, and what they must not see."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from backoffice.rules.repeat_sales import CallPolicy
from backoffice.sandbox.bitrix24.config import WEBHOOK_SECRET
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.inside import ask
from backoffice.sandbox.seeds.wholesale import Wholesale
from backoffice.sandbox.world import World
from backoffice.settings import settings
from flows.repeat_sale_calls import repeat_sale_calls
from tests.flows.runs import artifacts, everything_prefect_knows, last_name
from tests.flows.sales import pass_days, tasks

pytestmark = pytest.mark.usefixtures("prefect", "connected")
IVAN, OLGA = 2, 3
PERSONAL = ("@example", "9990000", "999 000", "Соловьёва", "Тихонова", "Рябинина", "Вера Ивановна")


@pytest.fixture
def people(world: World, wholesale: Wholesale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two clients of Ivan's and one of Olga's, with phones and addresses, are due for a call; one wants none."""
    monkeypatch.setenv("REPORTS", str(tmp_path / "reports"))
    settings.cache_clear()
    found = [wholesale.person(f"{name}а", "Вера") for name in ("Соловьёв", "Тихонов", "Рябинин")]
    found.append(wholesale.person("Соловьёва", "Нина", no_calls=True))
    for place, client in enumerate(found):
        phone, address = f"+7999000010{place}", f"person{place}@example.org"
        reach = {"PHONE": [{"VALUE": phone}], "EMAIL": [{"VALUE": address}], "SECOND_NAME": "Ивановна"}
        ask(world.portal, "crm.contact.update", id=int(client[2:]), fields=reach)
        wholesale.deal(client, assignedById=OLGA if place == 2 else IVAN)
    return found


def test_every_manager_has_a_list(world: World, people: list[str]) -> None:
    """With a link to each client, called by its initials, and its task; who wants no calls stands apart, with why."""
    repeat_sale_calls()
    assert last_name() == "позвонить клиентам: 3"
    assert len(tasks(world)) == 3
    shown = artifacts()
    links = {client: f"/crm/contact/details/{client[2:]}/" for client in people}
    for manager, clients in ((IVAN, people[:2]), (OLGA, people[2:3])):
        page = shown[f"repeat-sale-calls-{manager}"]
        assert [client for client in people if links[client] in page] == clients
        assert page.count("/tasks/task/view/") == len(clients)
    assert "С. В." in shown[f"repeat-sale-calls-{IVAN}"]
    assert "клиент просил не звонить" in shown["repeat-sale-calls"]
    assert links[people[3]] in shown["repeat-sale-calls"]


def test_neither_names_nor_addresses_reach_prefect(world: World, wholesale: Wholesale, people: list[str]) -> None:
    """Logs, artifacts, states, names and parameters of good, failing and idle runs of all the forms."""
    began = datetime.now(UTC)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        repeat_sale_calls(dry_run=True)
        world.faults.order(Fault(kind="invalid_credentials", methods="tasks.task.add", times=1))
        assert repeat_sale_calls(policy=CallPolicy(per_day=1), return_state=True).is_failed()
        repeat_sale_calls()
        repeat_sale_calls(which="why", client=people[3])
        repeat_sale_calls(which="why", client=people[0])
        pass_days(world, 1)
        wholesale.complete(tasks(world)[0].id)
        wholesale.deal(people[1], days_ago=0)
        repeat_sale_calls()
        repeat_sale_calls(which="rebuild")
        repeat_sale_calls(which="report")
    told = everything_prefect_knows(began)
    assert all(word in told for word in ("С. В.", "клиент просил не звонить", "закрыто задач: 1", "отчёт: звонков 1"))
    assert not [word for word in (WEBHOOK_SECRET, *PERSONAL) if word.casefold() in told.casefold()]
