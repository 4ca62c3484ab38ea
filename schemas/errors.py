"""The project's errors: one base; its docstring's first sentence is a class's default message. Pure: tills need it."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong at a place of an upload, such as `events[3].lines[0].price`: a code, and values for its words."""

    at: str
    code: str
    values: dict[str, str] = {}


class WebOfficeError(Exception):
    """Something went wrong in Веб-офис."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip().partition("\n\n")[0])


class RecordUnreadable(WebOfficeError):
    """A log record could not be decoded."""


class UploadRefused(WebOfficeError):
    """An upload breaks the rules; nothing of it is written.

    `status` is the HTTP status, `code` a stable word for programs, `detail` a sentence for people, `at` the place
    in the upload in the form `events[3].lines[0].price` ("" for the upload as a whole). `fault` says what is wrong in
    a form that can be told in any language, where the content is.
    """

    def __init__(self, status: int, code: str, detail: str, at: str = "", *, fault: Fault | None = None) -> None:
        super().__init__(f"{code} at {at or 'the upload'}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.at = at
        self.fault = fault


class InfrastructureUnreachable(WebOfficeError):
    """Kafka or PostgreSQL cannot be reached."""


class Refused(WebOfficeError):
    """The answer is no: what was asked for is not there, or is not so."""


class UsageError(WebOfficeError):
    """The command was called with arguments that do not fit."""
