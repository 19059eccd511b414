"""Texts that people typed, in reports written in Markdown."""

LOOK_ALIKES = str.maketrans("|<>[]\\*`~", "¦‹›()∖∗ʼ∼")


def plain(text: str) -> str:
    """The text on one line, as a line, a cell or the words of a link: no link, tag, column or style of its own.

    The characters that mean something are shown by look-alikes, because the two pages of Prefect 3.8 read escapes
    differently: `\\|`, `\\_` and `&#91;` stand there as typed, one of them even follows `javascript:` links.
    """
    return " ".join(text.split()).translate(LOOK_ALIKES).replace("://", ":∕∕")
