"""What portal_setup decides, without any portal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.rules.portal_actions import (
    Create,
    CreateFunnel,
    CreateList,
    CreateListField,
    CreateProductField,
    CreateStage,
    CreateUserField,
)
from backoffice.rules.portal_setup import PortalLacks, plan
from backoffice.rules.portal_shape import (
    PortalCatalogue,
    PortalFunnel,
    PortalList,
    PortalListField,
    PortalProductField,
    PortalShape,
    PortalStage,
    PortalUserField,
)
from backoffice.rules.portal_words import (
    FunnelWords,
    ListFieldWords,
    ListWords,
    PortalItself,
    PortalWords,
    ProcessWords,
    ProductFieldWords,
    StageWords,
    UserFieldWords,
)

MOSCOW = timezone(timedelta(hours=3))
START = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = PortalShape(
    scopes=frozenset({"crm", "lists"}),
    owner_is_admin=True,
    server_time=datetime(2026, 3, 1, 12, tzinfo=MOSCOW),
    crm_mode="classic",
    lists={},
    user_fields={"contact": (), "deal": (), "company": (), "lead": ()},
    funnels=(
        PortalFunnel(0, "Общая", (PortalStage("NEW", "Новая", "process"), PortalStage("WON", "Успех", "success"))),
    ),
    catalogues=(PortalCatalogue(23, "Товары", offers_id=24),),
)
PARTICIPANT = ListFieldWords(code="PARTICIPANT", name="Участник", type="S:ECrm", binds=frozenset({"contact"}))
EVENTS = ListWords(code="events", name="Мероприятия", fields={"participant": PARTICIPANT})
ATTENDED = UserFieldWords(code="UF_CRM_BO_ATTENDED", name="Посещено", type="integer")
LESSONS = FunnelWords(
    name="Занятия",
    stages={
        "remind": StageWords(code="BO_REMIND", name="Напомнить"),
        "paid": StageWords(code="BO_PAID", name="Оплачено", semantic="success"),
    },
)


def words(**process: object) -> PortalWords:
    """portal.toml with one process in it."""
    section = ProcessWords.model_validate({"start_from": START, **process})
    return PortalWords(portal=PortalItself(time_zone=ZoneInfo("Europe/Moscow")), processes={"seminars": section})


def done(shape: PortalShape, action: Create) -> PortalShape:
    """The portal after one creation; an action without its parent is a mistake of the plan's order."""
    lists = shape.lists or {}
    match action:
        case CreateList(code, name):
            assert code not in lists
            return replace(shape, lists={**lists, code: PortalList(len(lists) + 1, code, name)})
        case CreateListField(owner, field):
            parent = lists[owner.code]
            assert parent.field(field.code) is None
            made = PortalListField(f"PROPERTY_{len(parent.fields)}", field.code, field.name, field.type, field.multiple)
            return replace(shape, lists={**lists, owner.code: replace(parent, fields=(*parent.fields, made))})
        case CreateUserField(entity, user_field):
            assert shape.user_field(entity, user_field.code) is None
            own = PortalUserField(
                user_field.code, user_field.name, user_field.type, user_field.multiple, required=False
            )
            return replace(shape, user_fields={**shape.user_fields, entity: (*shape.user_fields[entity], own)})
        case CreateProductField(catalogue_id, product_field):
            (catalogue,) = shape.catalogues or ()
            assert (catalogue.id, catalogue.field(product_field.code)) == (catalogue_id, None)
            new_field = PortalProductField(
                257, product_field.code, product_field.name, product_field.type, product_field.multiple
            )
            return replace(shape, catalogues=(replace(catalogue, fields=(*catalogue.fields, new_field)),))
        case CreateFunnel(name):
            assert shape.funnel(name) is None
            funnels = shape.funnels or ()
            born = PortalStage(f"C{len(funnels)}:WON", "Сделка успешна", "success")
            return replace(shape, funnels=(*funnels, PortalFunnel(len(funnels), name, (born,))))
        case CreateStage(funnel_name, _, stage):
            funnel = shape.funnel(funnel_name)
            assert funnel is not None
            new = PortalStage(f"C{funnel.id}:{stage.code}", stage.name, stage.semantic)
            grown = replace(funnel, stages=(*funnel.stages, new))
            return replace(shape, funnels=tuple(grown if own.id == funnel.id else own for own in shape.funnels or ()))


def named(code: str) -> str:
    """The words agree with themselves: one code, one name."""
    return f"Имя {code}"


def a_list_field(code: str) -> ListFieldWords:
    return ListFieldWords(code=code, name=named(code), type="N" if code == "A" else "S", multiple=code == "B")


def a_stage(code: str) -> StageWords:
    return StageWords(code=code, name=named(code), semantic="success" if code == "A" else "process")


codes = st.sampled_from(["A", "B", "C_1"])
list_fields = codes.map(a_list_field)
lists_ = codes.flatmap(
    lambda code: st.builds(
        ListWords,
        code=st.just(code.lower()),
        name=st.just(named(code)),
        fields=st.dictionaries(codes, list_fields, max_size=3),
    )
)
user_fields = codes.map(lambda code: UserFieldWords(code=f"UF_CRM_BO_{code}", name=named(code), type="date"))
product_fields = codes.map(lambda code: ProductFieldWords(code=code, name=named(code), type="S:DateTime"))
stages = codes.map(a_stage)
funnels_ = st.builds(FunnelWords, name=codes.map(named), stages=st.dictionaries(codes, stages, max_size=3))
processes = st.builds(
    ProcessWords,
    start_from=st.just(START),
    lists=st.dictionaries(codes, lists_, max_size=2),
    contact_fields=st.dictionaries(codes, user_fields, max_size=2),
    deal_fields=st.dictionaries(codes, user_fields, max_size=2),
    product_fields=st.dictionaries(codes, product_fields, max_size=2),
    funnels=st.dictionaries(codes, funnels_, max_size=2),
)
portals = st.builds(
    PortalWords,
    portal=st.just(PortalItself(time_zone=ZoneInfo("Europe/Moscow"))),
    processes=st.dictionaries(st.sampled_from(["seminars", "lessons"]), processes),
)


@given(portals)
def test_a_portal_set_up_lacks_nothing(portal: PortalWords) -> None:
    """Whatever the words, one run of the plan leaves nothing to create, and no thing is created twice."""
    create = plan(portal, EMPTY).create
    assert plan(portal, reduce(done, create, EMPTY)).create == ()
    assert len({action.key for action in create}) == len(create)


@given(portals, st.data())
def test_a_run_killed_between_two_creations_is_finished_by_the_next(portal: PortalWords, data: st.DataObject) -> None:
    """After any part of the plan, the new plan has the rest of the same things and nothing else."""
    create = plan(portal, EMPTY).create
    survived = data.draw(st.integers(0, len(create)))
    rest = plan(portal, reduce(done, create[:survived], EMPTY)).create
    assert [action.key for action in rest] == [action.key for action in create[survived:]]
    assert plan(portal, reduce(done, rest, reduce(done, create[:survived], EMPTY))).create == ()


def test_each_thing_missing_is_named() -> None:
    """The administrator reads the names of the portal, not codes of the program."""
    lacking = words(lists={"events": EVENTS}, contact_fields={"attended": ATTENDED}, funnels={"lessons": LESSONS})
    shape = done(EMPTY, CreateList("events", "Мероприятия"))
    assert plan(lacking, shape).lacks == (
        "в списке «Мероприятия» нет поля «Участник»",
        "в карточке контакта нет поля «Посещено»",
        "в CRM нет воронки сделок «Занятия»",
        "в воронке «Занятия» нет стадии «Напомнить»",
    )


def test_what_people_made_is_recognised() -> None:
    """Letter case, spaces and a stage's own code do not make a second funnel, stage or field; success is one stage."""
    funnel = PortalFunnel(
        7, " занятия", (PortalStage("C7:UC_1", "НАПОМНИТЬ", "process"), PortalStage("C7:WON", "Ура", "success"))
    )
    by_hand = PortalListField("PROPERTY_5", "participant", "Гость", "S:ECrm", multiple=False)
    shape = replace(EMPTY, funnels=(funnel,), lists={"events": PortalList(1, "events", "Наши встречи", (by_hand,))})
    decided = plan(words(lists={"events": EVENTS}, funnels={"lessons": LESSONS}), shape)
    assert decided.create == ()
    assert decided.wrong == ()


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        (PortalListField("PROPERTY_5", "PARTICIPANT", "Участник", "S", multiple=False), "нужно: «Привязка"),
        (PortalListField("PROPERTY_5", "PARTICIPANT", "Участник", "S:ECrm", multiple=True), "нужно не множественное"),
        (
            PortalListField(
                "PROPERTY_5", "PARTICIPANT", "Участник", "S:ECrm", False, frozenset({"contact", "deal"}), True
            ),
            "только к карточке контакта",
        ),
        (
            PortalListField("PROPERTY_5", "PARTICIPANT", "Участник", "S:ECrm", False, frozenset({"contact"}), False),
            "включите показ",
        ),
    ],
)
def test_a_field_of_the_wrong_kind_is_left_to_a_human(own: PortalListField, complaint: str) -> None:
    """It is neither changed nor made a second time: it stops the processes until a human decides."""
    shape = replace(EMPTY, lists={"events": PortalList(1, "events", "Мероприятия", (own,))})
    decided = plan(words(lists={"events": EVENTS}), shape)
    assert decided.create == ()
    assert [complaint in text for text in decided.blocked] == [True]
    with pytest.raises(PortalLacks, match=complaint):
        decided.demand_nothing()


def test_a_user_field_and_a_stage_of_the_wrong_kind_are_left_to_a_human() -> None:
    """The same for cards and funnels."""
    text = PortalUserField("UF_CRM_BO_ATTENDED", "Посещено", "string", multiple=False, required=False)
    funnel = PortalFunnel(7, "Занятия", (PortalStage("C7:BO_REMIND", "Напомнить", "failure"),))
    shape = replace(EMPTY, funnels=(funnel,), user_fields={**EMPTY.user_fields, "contact": (text,)})
    only_remind = LESSONS.model_copy(update={"stages": {"remind": LESSONS.stages["remind"]}})
    decided = plan(words(contact_fields={"attended": ATTENDED}, funnels={"lessons": only_remind}), shape)
    assert decided.create == ()
    assert len(decided.wrong) == 2


def test_what_the_webhook_may_not_read_is_not_created() -> None:
    """Without a scope nothing is known, so nothing is «missing»: the scope itself is asked for."""
    blind = replace(EMPTY, scopes=frozenset[str](), lists=None, user_fields={}, funnels=None)
    wanted = words(lists={"events": EVENTS}, contact_fields={"attended": ATTENDED}, scopes=["user_basic"])
    decided = plan(wanted, blind)
    assert decided.create == ()
    assert ["«crm»" in decided.blocked[0], "«lists»" in decided.blocked[1], "«user_basic»" in decided.blocked[2]] == [
        True,
        True,
        True,
    ]


def test_a_wider_scope_serves_for_a_narrower() -> None:
    """`user` gives what `user_basic` gives."""
    shape = replace(EMPTY, scopes=frozenset({"user"}))
    assert plan(words(scopes=["user_basic"]), shape).blocked == ()


def test_only_an_administrator_s_webhook_may_create() -> None:
    """The run stops before the first refusal; where nothing is to be created any owner will do."""
    shape = replace(EMPTY, owner_is_admin=False)
    with pytest.raises(PortalLacks, match="не администратор"):
        plan(words(lists={"events": EVENTS}), shape).demand_rights()
    plan(words(), shape).demand_rights()
    plan(words(), shape).demand_nothing()


def test_another_time_zone_stops_everything() -> None:
    """Dates written in the wrong zone would be wrong on every card."""
    shape = replace(EMPTY, server_time=datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=5))))
    assert "UTC+0500" in plan(words(), shape).blocked[0]


@pytest.mark.parametrize(("creates", "blocked"), [(["contact"], 0), (["lead"], 1)])
def test_a_crm_without_leads_stops_only_those_who_create_leads(creates: list[str], blocked: int) -> None:
    """A lead made in simple mode becomes a deal at once."""
    decided = plan(words(creates=creates), replace(EMPTY, crm_mode="simple"))
    assert len(decided.blocked) == blocked
    assert len(decided.blocked + decided.reminders) == 1


def test_a_required_field_that_no_process_fills_is_named() -> None:
    """Bitrix24 refuses a card without it, so a human is asked to let it go; other kinds of cards do not matter."""
    required = PortalUserField("UF_CRM_SIZE", "Размер футболки", "string", multiple=False, required=True)
    shape = replace(EMPTY, user_fields={**EMPTY.user_fields, "contact": (required,), "deal": (required,)})
    assert [
        ("«Размер футболки»" in text, "контакта" in text) for text in plan(words(creates=["contact"]), shape).blocked
    ] == [(True, True)]


def test_robots_on_our_stages_are_put_before_a_human() -> None:
    """REST does not show them, so each of our stages is listed; the reminder stops nothing."""
    shape = reduce(done, plan(words(funnels={"lessons": LESSONS}), EMPTY).create, EMPTY)
    decided = plan(words(funnels={"lessons": LESSONS}), shape)
    assert ["роботы" in text for text in decided.reminders] == [True, True]
    decided.demand_nothing()
