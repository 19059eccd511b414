"""The pages of letters and text messages."""

from collections.abc import Callable

import httpx

from backoffice.sandbox.world import World

Read = Callable[[str], str]


def test_letters_and_messages_are_reached_from_the_start(read: Read, world: World) -> None:
    """With their numbers."""
    world.mailbox.receive("smtp", "info@example.org", ("anna@example.org",), "Завтра занятие", "Ждём")
    assert "1 Письма 0 SMS" in read("/")
    assert "02.03.2026 12:00 anna@example.org Завтра занятие SMTP" in read("/mail")


def test_every_page_leads_to_letters_and_messages(sandbox: str) -> None:
    """The menu names them, and says where one is."""
    for path, other in (("/mail", "/sms"), ("/sms", "/mail")):
        page = httpx.get(f"{sandbox}{path}").text
        assert f'<a href="{path}" class="here">' in page
        assert f'<a href="{other}">' in page


def test_a_letter_is_shown_in_a_frame_that_may_do_nothing(sandbox: str, world: World) -> None:
    """Its HTML is escaped into the frame, its text is text."""
    world.mailbox.receive(
        "portal", "info@example.org", ("anna@example.org",), "<b>Тема</b>", "<i>Ждём</i>", html='<p class="x">Ждём</p>'
    )
    page = httpx.get(f"{sandbox}/mail/1").text
    assert 'sandbox title="Письмо" srcdoc="&lt;p class=&#34;x&#34;&gt;Ждём&lt;/p&gt;"' in page
    assert "<b>Тема</b>" not in page
    assert "&lt;i&gt;Ждём&lt;/i&gt;" in page


def test_a_letter_that_is_not_there(sandbox: str) -> None:
    """404 in words."""
    answer = httpx.get(f"{sandbox}/mail/7")
    assert (answer.status_code, "Такого письма нет" in answer.text) == (404, True)


def test_messages_have_their_state_and_price(read: Read, world: World) -> None:
    """And the page the money that is left."""
    sms = world.sms.take("sms.ru", "+79990000101", "Ждём завтра")
    assert "+79990000101 Ждём завтра в очереди sms.ru 1 4.50" in read("/sms")
    world.sms.move(sms, "delivered")
    assert "доставлено" in read("/sms")
    assert "На счету 995.50 ₽" in read("/sms")
