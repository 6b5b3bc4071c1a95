"""What a service says no to, beside wrong policies: each kind has its own HTTP status."""

from faasera.core.errors import FaaseraError, Problem


class ServiceError(FaaseraError):
    """A call that is refused.

    Attributes:
        status: the HTTP status (RFC 9110) that says the same.
        retry_after: seconds after which it is worth trying again, if that helps.
    """

    status = 400
    retry_after: float | None = None

    def __init__(self, code: str, message: str, remedy: str, pointer: str = "") -> None:
        super().__init__([Problem(pointer, code, message, remedy)])


class UnauthorizedError(ServiceError):
    """Nobody knows who asks."""

    status = 401


class ForbiddenError(ServiceError):
    """The role does not allow it."""

    status = 403


class NotFoundError(ServiceError):
    """There is no such thing in the project."""

    status = 404


class ConflictError(ServiceError):
    """The state of things does not allow it now."""

    status = 409


class GoneError(ServiceError):
    """It was there, and was removed."""

    status = 410


class StaleError(ServiceError):
    """Somebody else changed it in the meantime."""

    status = 412


class TooLargeError(ServiceError):
    """More than a request may hold."""

    status = 413


class TooManyError(ServiceError):
    """Too many calls in too short a time."""

    status = 429

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__("too-many-requests", message, f"Wait {retry_after:.0f} s, or ask an admin for a higher rate.")
        self.retry_after = retry_after
