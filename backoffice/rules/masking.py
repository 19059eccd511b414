"""What others say in their answers, without the persons it is about: for reasons, errors and logs."""

import re

E_MAIL = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def masked(text: str, *secrets: str) -> str:
    """The text in one line, with marks for e-mail addresses and, where they stand as words, for the secrets."""
    shown = E_MAIL.sub("<e-mail>", " ".join(text.split()))
    for secret in filter(None, secrets):
        shown = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", shown, flags=re.IGNORECASE)
    return shown
