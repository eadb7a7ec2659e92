"""Why something elsewhere could not be fetched."""

from __future__ import annotations


class FetchError(Exception):
    """It could not be fetched; the message says why and what to do next, `code` names why.

    FetchError
    ├── AddressError       the address is no http or https address
    ├── PrivateError       the address leads into a private network that is not allowed
    ├── UnreachableError   no server answers there, or not as it should
    ├── RedirectError      the server sends us elsewhere
    ├── AnswerError        the server answers with an error
    ├── TooBigError        the answer is larger than allowed
    └── TooSlowError       the answer did not come in time
    """

    code = "fetch"


class AddressError(FetchError):
    """The address is no http or https address."""

    code = "address"


class PrivateError(FetchError):
    """The address leads into a private network that the installation does not allow."""

    code = "private"


class UnreachableError(FetchError):
    """No server answers there, or not as it should."""

    code = "unreachable"


class RedirectError(FetchError):
    """The server sends us elsewhere."""

    code = "redirect"


class AnswerError(FetchError):
    """The server answers with an error."""

    code = "answer"


class TooBigError(FetchError):
    """The answer is larger than allowed."""

    code = "too_big"


class TooSlowError(FetchError):
    """The answer did not come in time."""

    code = "too_slow"
