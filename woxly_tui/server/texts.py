"""What the server says to people, in Russian and English."""

from enum import Enum, StrEnum
from typing import Final


class Language(StrEnum):
    RU = "ru"
    EN = "en"


class Text(Enum):
    """A message: Russian as other Woxly servers word it, and English."""

    # auth
    TOKEN_MISSING = "Токен не предоставлен", "No token given"
    TOKEN_INVALID = "Недействительный токен", "The token is not valid"
    EMAIL_INVALID = "Некорректный email", "The email address is not valid"
    EMAIL_TAKEN = "Email уже зарегистрирован", "That email address is registered already"
    USERNAME_SHORT = "Username минимум 5 символов", "The username needs 5 characters or more"
    USERNAME_LONG = "Username максимум 13 символов", "The username has 13 characters at most"
    USERNAME_CHARS = (
        "Username может содержать только буквы, цифры, . и _",
        "The username may hold letters, digits, . and _ only",
    )
    USERNAME_TAKEN = "Username уже занят", "That username is taken"
    USER_TAG_TAKEN = "UserTag уже занят", "That tag is taken"
    USER_TAG_CHARS = (
        "UserTag может содержать только a-z, 0-9, . _ и -",
        "The tag may hold a-z, 0-9, . _ and - only",
    )
    PASSWORD_SHORT = "Пароль минимум 8 символов", "The password needs 8 characters or more"
    PASSWORD_LONG = "Пароль максимум 200 символов", "The password has 200 characters at most"
    PASSWORD_LOWER = (
        "Пароль должен содержать строчные буквы",
        "The password needs a lower-case letter",
    )
    PASSWORD_UPPER = (
        "Пароль должен содержать заглавные буквы",
        "The password needs an upper-case letter",
    )
    PASSWORD_DIGIT = "Пароль должен содержать цифры", "The password needs a digit"
    PASSWORD_OTHER = (
        "Пароль должен содержать специальные символы",
        "The password needs a character that is neither letter nor digit",
    )
    LOGIN_WRONG = "Неверный email или пароль", "Wrong email or password"
    BANNED = "Аккаунт заблокирован", "This account is banned"
    REFRESH_MISSING = "Refresh token не предоставлен", "No refresh token given"
    REFRESH_INVALID = "Недействительный refresh token", "The refresh token is not valid"
    USER_UNKNOWN = "Пользователь не найден", "There is no such user"
    CODE_WRONG = "Неверный код", "Wrong code"
    RESET_CODE_WRONG = "Неверный код восстановления", "Wrong reset code"
    TWO_FACTOR_NEEDED = "Требуется код 2FA", "A two-factor code is needed"
    TWO_FACTOR_WRONG = "Неверный код 2FA", "Wrong two-factor code"
    TWO_FACTOR_ON = "2FA уже включена", "Two-factor sign-in is on already"
    TWO_FACTOR_OFF = "2FA не включена", "Two-factor sign-in is not on"
    TWO_FACTOR_FIRST = "Сначала настройте 2FA", "Set up two-factor sign-in first"
    PASSWORD_WRONG = "Неверный пароль", "Wrong password"
    OLD_PASSWORD_WRONG = "Неверный текущий пароль", "The current password is wrong"
    PASSWORDS_DIFFER = "Пароли не совпадают", "The passwords differ"
    NEW_PASSWORD_SHORT = (
        "Новый пароль минимум 8 символов",
        "The new password needs 8 characters or more",
    )
    # done
    REGISTERED = "Регистрация успешна", "You are registered"
    EMAIL_VERIFIED = "Email подтверждён", "The email address is verified"
    RESET_SENT = (
        "Если email зарегистрирован, код отправлен",
        "If that address is registered, a code is on its way",
    )
    PASSWORD_CHANGED = "Пароль успешно изменен", "The password is changed"
    LOGGED_OUT = "Вы вышли из аккаунта", "You are signed out"
    TWO_FACTOR_DONE_ON = "2FA включена", "Two-factor sign-in is on"
    TWO_FACTOR_DONE_OFF = "2FA отключена", "Two-factor sign-in is off"
    # friends
    USER_ID_NEEDED = "ID пользователя обязателен", "A user's id is needed"
    QUERY_SHORT = "Слишком короткий запрос", "The query is too short"
    FRIEND_SELF = "Нельзя добавить себя в друзья", "You cannot befriend yourself"
    FRIEND_ALREADY = "Уже в друзьях", "You are friends already"
    FRIEND_ASKED = "Запрос уже отправлен", "You have asked already"
    FRIEND_BLOCKED = "Пользователь заблокирован", "That user is blocked"
    REQUEST_UNKNOWN = "Заявка не найдена", "There is no such request"
    REQUEST_DECLINED = "Запрос отклонен", "The request is declined"
    BLOCK_SELF = "Нельзя заблокировать себя", "You cannot block yourself"
    BLOCKED = "Пользователь заблокирован", "The user is blocked"
    UNBLOCKED = "Пользователь разблокирован", "The user is no longer blocked"
    FRIEND_REMOVED = "Друг удалён", "You are no longer friends"
    FRIENDSHIP_UNKNOWN = "Дружба не найдена", "You are not friends"
    # rooms and messages
    ROOM_ID_INVALID = "Неверный ID комнаты", "That is not the id of a room"
    ROOM_ID_NEEDED = "roomId обязателен", "roomId is needed"
    ROOM_UNKNOWN = "Комната не найдена", "There is no such room"
    ROOM_CLOSED = "Нет доступа к комнате", "That room is not open to you"
    ROOM_NO_EDIT = "Нет прав для изменения комнаты", "You may not change that room"
    ROOM_NAME_NEEDED = "Название комнаты обязательно", "The room needs a name"
    ROOM_MEMBERS_NEEDED = "Нужен хотя бы один участник", "At least one member is needed"
    ROOM_DM_TWO = "Для DM нужен один собеседник", "A DM needs exactly one other user"
    ROOM_NOT_INVITED = "Вы не приглашены в эту комнату", "You are not invited to that room"
    ROOM_NO_ADDING = (
        "Нет прав для добавления пользователей",
        "You may not add users to that room",
    )
    ROOM_LEFT = "Вы вышли из комнаты", "You left the room"
    ROOM_NOT_MEMBER = (
        "Вы не являетесь участником этой комнаты",
        "You are not a member of that room",
    )
    MESSAGE_EMPTY = "Сообщение не может быть пустым", "The message is empty"
    MESSAGE_UNKNOWN = "Сообщение не найдено", "There is no such message"
    MESSAGE_NO_EDIT = "Нет прав на редактирование", "You may not edit that message"
    MESSAGE_NO_DELETE = "Нет прав на удаление", "You may not delete that message"
    MESSAGE_DELETED = "Сообщение удалено", "The message is deleted"
    # files
    FILE_MISSING = "Файл не загружен", "No file came with the request"
    FILE_TYPE = "Недопустимый тип файла", "A file of that kind is not taken here"
    FILE_LARGE = "Файл слишком большой", "The file is too large"
    FILE_UNKNOWN = "Файл не найден", "There is no such file"
    STORAGE_FULL = "Место для файлов закончилось", "You have as many files here as are kept"
    # calls
    CALL_SELF = "Нельзя позвонить себе", "You cannot ring yourself"
    CALL_BLOCKED = "Звонок невозможен", "That user cannot be rung"
    CALL_NOT_MEMBER = (
        "Пользователь не участник этой комнаты",
        "That user is not a member of that room",
    )
    CALL_UNKNOWN = "Звонок не найден", "There is no such call"
    CALL_BUSY_SELF = "Вы уже звоните", "You are ringing too many people already"
    LIVEKIT_FAILED = "Ошибка получения токена", "No call is possible now: LiveKit is not there"
    WEBHOOK_REFUSED = "Подпись не подтверждена", "The signature does not fit"
    # invites
    INVITE_UNKNOWN = (
        "Приглашение недействительно: оно истекло, использовано или отозвано",
        "The invitation is not valid: it has expired, is used up or was withdrawn",
    )
    INVITE_NO_REVOKE = "Нет прав на отзыв приглашения", "You may not withdraw that invitation"
    INVITE_NONE_SUCH = "Приглашение не найдено", "There is no such invitation"
    INVITE_REVOKED = "Приглашение отозвано", "The invitation is withdrawn"
    INVITES_MANY = "Слишком много приглашений", "The room has too many invitations; withdraw some"
    GUEST_NAME_NEEDED = "Укажите имя", "A name is needed"
    # any
    ID_INVALID = "Неверный ID", "That is not an id"
    PAYLOAD_INVALID = "Неверные данные", "The payload cannot be read"
    TOO_MANY = "Слишком много запросов", "Too many requests; wait a little"
    TOO_LARGE = "Слишком большой запрос", "The request is too large"
    UNAVAILABLE = (
        "Сервис временно недоступен",
        "A part of the server does not answer; try again in a moment",
    )
    CONFLICT = (
        "Данные изменились, попробуйте ещё раз",
        "Somebody changed the same thing at the same moment; try again",
    )
    INTERNAL = "Внутренняя ошибка сервера", "Something failed inside the server"

    def say(self, language: Language) -> str:
        """The message in a language."""
        return str(self.value[language is Language.EN])


DEFAULT_LANGUAGE: Final = Language.RU
"""What other Woxly servers speak, whatever is asked."""

_MAX_HEADER_CHARS: Final = 200


def choose_language(accept: str | None) -> Language:
    """The language that an Accept-Language header likes best of ours."""
    best, best_weight = DEFAULT_LANGUAGE, 0.0
    for part in (accept or "")[:_MAX_HEADER_CHARS].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in ("ru", "en") and weight > best_weight:
            best, best_weight = Language(language), weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
