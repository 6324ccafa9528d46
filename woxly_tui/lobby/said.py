"""What the public server says in Russian only, in English: it knows no other language."""

from typing import Final

_ENGLISH: Final = {
    "Неверный email или пароль": "wrong e-mail address or password",
    "Некорректный email": "that is no e-mail address",
    "Email уже зарегистрирован": "somebody has an account with that e-mail address",
    "Username минимум 5 символов": "a name has 5 characters at least",
    "Username максимум 13 символов": "a name has 13 characters at most",
    "Username может содержать только буквы, цифры, . и _": "a name has letters, digits, . and _",
    "Пароль минимум 8 символов": "a password has 8 characters at least",
    "Пароль должен содержать строчные буквы": "a password needs a small letter",
    "Пароль должен содержать заглавные буквы": "a password needs a capital letter",
    "Пароль должен содержать цифры": "a password needs a digit",
    "Пароль должен содержать специальные символы": "a password needs a sign such as ! or -",
    "Ошибка регистрации": "registering failed there",
    "Ошибка входа": "signing in failed there",
    "Токен не предоставлен": "no token was given",
    "Недействительный токен": "the token is not valid",
    "Пользователь не найден": "there is no such user",
    "Нельзя добавить себя в друзья": "you cannot be your own friend",
    "Уже в друзьях": "you are friends already",
    "Запрос уже отправлен": "you have asked already",
    "Пользователь заблокирован": "one of you has blocked the other",
    "Заявка не найдена": "there is no such request",
    "Дружба не найдена": "you are no friends",
    "Слишком короткий запрос": "give 2 letters at least",
    "Нет доступа к комнате": "you are not in that room",
    "Комната не найдена": "there is no such room",
    "Вы не приглашены в эту комнату": "you are not invited to that room",
    "Вы не являетесь участником этой комнаты": "you are not in that room",
    "Нет прав на редактирование": "that message is not yours",
    "Нет прав на удаление": "that message is not yours",
    "Ошибка создания комнаты": "the room could not be made there",
    "Ошибка создания групповой комнаты": "the group could not be made there",
    "Ошибка получения токена": "it gives no token for calls; perhaps it has no LiveKit server",
    "Ошибка получения комнат": "it cannot list rooms now",
    "Route not found": "it does not know how to do that; it may be an older one",
}


def in_english(text: str) -> str:
    """The same in English where that is known."""
    return _ENGLISH.get(text.strip(), text)
