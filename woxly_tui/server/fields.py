"""The parts of request bodies, each with its own rule. Types are strict: "5" is no number."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from woxly_tui.server.texts import Text
from woxly_tui.wire.words import (
    MAX_EMAIL_CHARS,
    MAX_ID,
    MAX_PASSWORD_CHARS,
    MAX_USERNAME_CHARS,
    MIN_PASSWORD_CHARS,
    MIN_USERNAME_CHARS,
)

_EMAIL: Final = re.compile(r"[a-z0-9_'+\-.]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}")
_USERNAME: Final = re.compile(r"[a-zA-Zа-яА-Я0-9._]*")
_USER_TAG: Final = re.compile(r"[a-z0-9._-]{1,32}")


class Body(BaseModel):
    """A request's body, or an event's payload: camelCase on the wire, strict in its types."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, strict=True, frozen=True
    )


def refused(text: Text) -> PydanticCustomError:
    """What a validator raises: the handlers say it in the reader's language."""
    return PydanticCustomError("woxly", "{text}", {"text": text.name})


def is_clean(value: str) -> bool:
    """Whether a text can be stored: half a character cannot, nor, by PostgreSQL, a zero."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _clean(value: str) -> str:
    if not is_clean(value):
        raise refused(Text.PAYLOAD_INVALID)
    return value


def _email(value: str) -> str:
    text = value.strip().lower()
    if len(text) > MAX_EMAIL_CHARS or not _EMAIL.fullmatch(text) or ".." in text:
        raise refused(Text.EMAIL_INVALID)
    return text


def username_problem(value: str) -> Text | None:
    """What is wrong with a name that somebody wants; None where nothing is."""
    if len(value) < MIN_USERNAME_CHARS:
        return Text.USERNAME_SHORT
    if len(value) > MAX_USERNAME_CHARS:
        return Text.USERNAME_LONG
    return None if _USERNAME.fullmatch(value) else Text.USERNAME_CHARS


def password_problem(value: str) -> Text | None:
    """What is wrong with a password that somebody wants; None where nothing is."""
    if len(value) < MIN_PASSWORD_CHARS:
        return Text.PASSWORD_SHORT
    if len(value) > MAX_PASSWORD_CHARS:
        return Text.PASSWORD_LONG
    for is_kind, text in (
        (str.islower, Text.PASSWORD_LOWER),
        (str.isupper, Text.PASSWORD_UPPER),
        (str.isdigit, Text.PASSWORD_DIGIT),
        (lambda char: not char.isalnum(), Text.PASSWORD_OTHER),
    ):
        if not any(map(is_kind, value)):
            return text
    return None


def _new_username(value: str) -> str:
    if (text := username_problem(value)) is not None:
        raise refused(text)
    return value


def _password(value: str) -> str:
    if (text := password_problem(value)) is not None:
        raise refused(text)
    return value


def _user_tag(value: str) -> str:
    if not _USER_TAG.fullmatch(value):
        raise refused(Text.USER_TAG_CHARS)
    return value


def is_filled(value: str) -> bool:
    """Whether there is something to see in a text."""
    return bool(value.strip())


def _room_name(value: str) -> str:
    if not is_filled(value):
        raise refused(Text.ROOM_NAME_NEEDED)
    return value


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Line = Annotated[str, AfterValidator(_clean)]
Email = Annotated[Line, AfterValidator(_email)]
AnyPassword = Annotated[Line, Field(max_length=1000)]
"""A password to be compared: no rule, or it would tell what is stored."""
Username = Annotated[Line, AfterValidator(_new_username)]
Password = Annotated[Line, AfterValidator(_password)]
UserTag = Annotated[Line, AfterValidator(_user_tag)]
FilledRoomName = Annotated[Line, Field(max_length=100), AfterValidator(_room_name)]
Token = Annotated[Line, Field(max_length=4096)]
Code = Annotated[Line, Field(max_length=16)]
