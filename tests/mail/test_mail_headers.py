"""What people wrote comes out of a letter's head exactly as it went in, however long it is."""

import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from hypothesis import example, given
from hypothesis import strategies as st

from backoffice.mail import addresses
from backoffice.mail.letters import write
from backoffice.mail.server import SmtpServer
from backoffice.rules.sending import Draft, Letter, Parcel

NOW = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
ENCODED = re.compile(rb"=\?[^ ]*\?=")
WORDS = st.one_of(
    st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяёАКЯ", min_size=1, max_size=60),
    st.text("abcdefgXYZ0123456789:.,=?_<>\"'()@;", min_size=1, max_size=40),
    st.sampled_from(
        ["«Акварель", "взрослых»»", "—", "22\u00a0ноября,", "🎨", "👩🏽‍🎨", "1\u00a0500\u00a0₽", "=?utf-8?b?0Y8=?="]
    ),
    st.text(min_size=1, max_size=5),
)
TEXTS = st.lists(WORDS, min_size=1, max_size=25).map(lambda words: " ".join(words)[:200])


def head(subject: str, name: str, company: str) -> tuple[EmailMessage, bytes]:
    """The head of a letter, parsed and as it is."""
    server = SmtpServer("localhost", f"{company} <info@example.org>", security="none", reply_to=f"{name} <a@пример.рф>")
    letter = Letter("anna@example.org", name, subject, "Ждём.")
    content = write(
        server, Parcel(1, "0" * 32, Draft("email", "lesson_reminders", "a", "Занятие"), letter), NOW
    ).content
    return BytesParser(policy=default).parsebytes(content), content.partition(b"\r\n\r\n")[0]


def raw(lines: bytes, header: str) -> str:
    """The value of a header, unfolded."""
    unfolded = lines.replace(b"\r\n ", b" ").decode("ascii")
    [value] = [line.partition(": ")[2] for line in unfolded.split("\r\n") if line.startswith(f"{header}: ")]
    return value


def cleaned(text: str) -> str:
    """Without what no subject may hold."""
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip()


@given(TEXTS)
@example("В воскресенье, 22 ноября, в 10:40 — занятие «Акварель для взрослых»")
@example("Lesson " * 25)
@example("Art =?utf-8?q?class?=")
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    """By both of the standard library's readers, the strict one and the old one."""
    parsed, lines = head(subject, "Анна", "Учебный центр")
    assert parsed["Subject"] == cleaned(subject)
    assert str(make_header(decode_header(raw(lines, "Subject")))) == cleaned(subject)


@given(TEXTS, TEXTS)
@example("Анна Вениаминовна Преображенская-Богоявленская, " * 3, "Art =?utf-8?q?class?=")
@example("Anna B. Smith", "Центр «Пример»")
def test_names_are_read_as_they_were_written(name: str, company: str) -> None:
    """By RFC 2047, blanks between encoded words count for nothing; Python's strict reader adds one in names."""
    parsed, lines = head("Занятие", name, company)
    shown = {"To": name, "Reply-To": name, "From": company}
    for header, whose in shown.items():
        text, _, address = raw(lines, header).rpartition("<")
        expected = addresses.read(f"{whose} <a@example.org>").display_name
        assert str(make_header(decode_header(text.strip()))) == expected
        [read] = parsed[header].addresses
        assert "".join(read.display_name.split()) == "".join(expected.split())
        assert read.addr_spec == (address.removesuffix(">") or text)


@given(TEXTS, TEXTS)
def test_lines_and_encoded_words_are_short(subject: str, name: str) -> None:
    """76 octets a line and 75 an encoded word (RFC 2047 §2), each of whole characters."""
    _, lines = head(subject, name, name)
    assert lines.isascii()
    assert max(map(len, lines.split(b"\r\n"))) <= 76
    for word in ENCODED.findall(lines):
        assert len(word) <= 75
        assert decode_header(word.decode())[0][0].decode()


def test_a_short_latin_text_is_left_as_it_is() -> None:
    """People read heads, too."""
    _, lines = head("Lesson tomorrow, 10:40", "Anna Smith", "School")
    assert raw(lines, "Subject") == "Lesson tomorrow, 10:40"
    assert raw(lines, "To") == "Anna Smith <anna@example.org>"
