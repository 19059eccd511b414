"""What REST can neither change nor, often, even see: it is put before the portal's administrator."""

from collections.abc import Iterator
from dataclasses import dataclass

from backoffice.rules.portal_actions import CARDS
from backoffice.rules.portal_shape import PortalShape
from backoffice.rules.portal_words import PortalWords, ProcessWords

WIDER_SCOPES = {"user_basic": {"user"}, "user_brief": {"user", "user_basic"}}
MODES = {"classic": "классический, с лидами", "simple": "простой, без лидов"}


@dataclass(frozen=True)
class HumanStep:
    """A sentence for the administrator; one that `blocks` stops the processes until it is done."""

    text: str
    blocks: bool = True


def human_steps(words: PortalWords, shape: PortalShape, *, creating: bool) -> tuple[HumanStep, ...]:
    """Every step, the blocking ones first, none twice; `creating` says whether the owner's rights are needed now."""
    processes = words.processes.values()
    steps = [
        *(step for process in processes for step in _scopes(process, shape)),
        *(step for process in processes for step in _catalogue(process, shape)),
        *_owner(shape, creating),
        *_zone(words, shape),
        *_mode(words, shape),
        *(step for process in processes for step in _required_fields(process, shape)),
        *(step for process in processes for step in _reminders(process)),
    ]
    return tuple(sorted(dict.fromkeys(steps), key=lambda step: not step.blocks))


def _scopes(process: ProcessWords, shape: PortalShape) -> Iterator[HumanStep]:
    for scope in sorted(process.needed_scopes):
        if not ({scope} | WIDER_SCOPES.get(scope, set())) & shape.scopes:
            yield HumanStep(f"у входящего вебхука нет права «{scope}»: добавьте его в настройках вебхука")


def _catalogue(process: ProcessWords, shape: PortalShape) -> Iterator[HumanStep]:
    if process.product_fields and "catalog" in shape.scopes and shape.catalogues is None:
        yield HumanStep(
            "у вебхука нет права на каталог: дайте его владельцу права на торговый каталог в правах доступа CRM"
        )


def _owner(shape: PortalShape, creating: bool) -> Iterator[HumanStep]:
    if not shape.owner_is_admin:
        yield HumanStep(
            "владелец вебхука не администратор: списки и поля CRM создаёт только администратор портала",
            blocks=creating,
        )


def _zone(words: PortalWords, shape: PortalShape) -> Iterator[HumanStep]:
    zone = words.portal.time_zone
    here, there = shape.server_time.utcoffset(), shape.server_time.astimezone(zone).utcoffset()
    if here != there:
        yield HumanStep(
            f"часы портала идут по UTC{shape.server_time:%z}, а в portal.toml указан пояс {zone.key}: "
            "исправьте time_zone или пояс портала"
        )


def _mode(words: PortalWords, shape: PortalShape) -> Iterator[HumanStep]:
    wanted = words.portal.crm_mode
    if shape.crm_mode is None or shape.crm_mode == wanted:
        return
    yield HumanStep(
        f"режим CRM — {MODES[shape.crm_mode]}, а в portal.toml указан {MODES[wanted]}: исправьте crm_mode или режим",
        blocks=any("lead" in process.creates for process in words.processes.values()),
    )


def _required_fields(process: ProcessWords, shape: PortalShape) -> Iterator[HumanStep]:
    """A card is created before our fields in it are counted, so a required field stops the creation, ours too."""
    for entity in sorted(process.creates):
        for own in shape.user_fields.get(entity, ()):
            if own.required:
                yield HumanStep(
                    f"поле «{own.name}» ({own.code}) карточки {CARDS[entity]} обязательное, "
                    "а процессы его не заполняют: снимите обязательность"
                )


def _reminders(process: ProcessWords) -> Iterator[HumanStep]:
    for text in process.by_hand:
        yield HumanStep(text, blocks=False)
    for wanted in process.lists.values():
        yield HumanStep(
            f"дайте сотрудникам право «Чтение» на список «{wanted.name}»: новый список видит только его создатель",
            blocks=False,
        )
    for funnel in process.funnels.values():
        for stage in funnel.stages.values():
            yield HumanStep(
                f"воронка «{funnel.name}», стадия «{stage.name}»: проверьте, что роботы не шлют тех же писем "
                "и что на стадии нет обязательных полей — через вебхук этого не видно",
                blocks=False,
            )
