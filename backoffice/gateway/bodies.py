"""Reading the body of a request that may be too large or of the wrong kind."""

from collections.abc import Container

from starlette.requests import ClientDisconnect, Request

from backoffice.gateway.delivery import Refused

LARGEST_BODY = 256 * 1024


async def read_body(request: Request, content_types: Container[str]) -> bytes:
    """The raw body; Refused with 415 for another content type, with 413 as soon as it is known to exceed 256 KiB."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in content_types:
        raise Refused(415, "this content type is not accepted here")
    if int(request.headers.get("content-length", "0")) > LARGEST_BODY:
        raise Refused(413, "the body is too large")
    return await _read_at_most(request, LARGEST_BODY)


async def _read_at_most(request: Request, limit: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise Refused(413, "the body is too large")
    except ClientDisconnect as gone:
        raise Refused(400, "the body ended early") from gone
    return bytes(body)
