"""What goes wrong with Leyka, by what to do next.

LeykaError
├── LeykaUnavailable   try again later: the site does not answer, or is broken for the moment
├── LeykaRefused       mend a setting: the key, the clock, the address, the plugin
└── ExportUnreadable   give another file: this one is no export of donations
"""


class LeykaError(Exception):
    """Base of what asking Leyka raises."""


class LeykaUnavailable(LeykaError):
    """No answer, too many requests, a broken server, or an answer that is none: worth another try."""


class LeykaRefused(LeykaError):
    """The site says no, and will go on saying so until somebody changes something."""


class ExportUnreadable(LeykaError):
    """The file is no export of donations."""
