"""Seals what must not be readable in the database's file or its backups."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """What is stored was sealed with a key that is no longer among ours."""


class Seal:
    """Fernet (AES-128-CBC with HMAC-SHA256) under the first key; opens what any of the keys has sealed."""

    def __init__(self, keys: str) -> None:
        """`keys`: TOKEN_KEY, comma-separated, the newest first; ValueError says what is wrong without repeating it."""
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except ValueError:
            raise ValueError(
                "TOKEN_KEY — не ключ (32 байта в base64) и не список ключей через запятую; создайте: python -c "
                "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            ) from None

    def close(self, text: str) -> str:
        """The text sealed, as ASCII."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text; SealBroken if none of the keys fits or somebody changed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SealBroken(
                "ни один ключ из TOKEN_KEY не открывает токены портала: допишите в конец прежний ключ "
                "или впустите приложение ещё раз: python -m deployments.let_in"
            ) from None
