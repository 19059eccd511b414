"""Refusals of the Timepad API."""

from starlette.responses import JSONResponse


class Refused(Exception):
    """A request Timepad answers with an error; `retry_after` in seconds."""

    def __init__(self, code: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def answer(self, *, with_200: bool = False) -> JSONResponse:
        """The error body; the key `message` is unverified, `error_code` was seen."""
        body = {"response_status": {"error_code": self.code, "message": self.message}}
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return JSONResponse(body, status_code=200 if with_200 else self.code, headers=headers)
