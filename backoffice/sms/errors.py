"""What can go wrong with a gateway of SMS, named by what to do next.

SmsError
├── SmsLater          nothing was sent, the next message would fare no better: try all of them again later
├── SmsMisconfigured  nothing was sent and nothing will be: repair the settings
├── SmsRefused        this message was refused for good, others may go
└── SmsDoubtful       the request left and no answer came: ask for the status, never send again blindly

No message holds a key, a number or a text: the gateway's own words are never repeated, only its codes.
"""


class SmsError(Exception):
    """Base of everything that a call to a gateway raises; the message is for people."""


class SmsLater(SmsError):
    """Money, a limit, or a gateway that does not answer before anything was sent."""


class SmsMisconfigured(SmsError):
    """The key, the sender's name or the address of the gateway."""


class SmsRefused(SmsError):
    """The number or the text."""


class SmsDoubtful(SmsError):
    """The message may have been taken."""
