"""Signing up, in and out, as the contract has it."""

from typing import Any

import jwt
import pytest

from tests.server.harness import PASSWORD, Person, World
from woxly_tui.server import totp
from woxly_tui.server.limiter import LOGIN_BY_EMAIL
from woxly_tui.server.store import users


async def post(world: World, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    answer = await world.http.post(f"/api{path}", json=body, headers=headers)
    return answer.status_code, answer.json()


async def login(world: World, person: Person, **more: str) -> tuple[int, Any]:
    body = {"email": person.email, "password": PASSWORD, **more}
    return await post(world, "/auth/login", body)


async def refresh(world: World, token: str) -> tuple[int, Any]:
    return await post(world, "/auth/refresh", {"refreshToken": token})


GOOD = {"email": "new@example.org", "username": "newbie", "password": PASSWORD}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "nonsense"}, "Некорректный email"),
        ({"email": "a@b"}, "Некорректный email"),
        ({"username": "four"}, "Username минимум 5 символов"),
        ({"username": "f" * 14}, "Username максимум 13 символов"),
        ({"username": "пётр-1"}, "Username может содержать только буквы, цифры, . и _"),
        ({"password": "Aa1!"}, "Пароль минимум 8 символов"),
        ({"password": "AAAA111!"}, "Пароль должен содержать строчные буквы"),
        ({"password": "aaaa111!"}, "Пароль должен содержать заглавные буквы"),
        ({"password": "aaaaAAA!"}, "Пароль должен содержать цифры"),
        ({"password": "aaaaAAA1"}, "Пароль должен содержать специальные символы"),
        ({"email": None}, "Expected string, received null"),
        ({"email": 7}, "Expected string, received number"),
    ],
)
async def test_what_registering_refuses(world: World, change: dict[str, Any], said: str) -> None:
    assert await post(world, "/auth/register", GOOD | change) == (400, {"error": said})


async def test_a_missing_field_is_required(world: World) -> None:
    assert await post(world, "/auth/register", {}) == (400, {"error": "Required"})


async def test_a_refresh_without_a_body_lacks_its_token(world: World) -> None:
    answer = await world.http.post("/api/auth/refresh")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Refresh token не предоставлен"}


async def test_registering_answers_with_both_tokens_and_no_secret(world: World) -> None:
    status, made = await post(
        world, "/auth/register", GOOD | {"username": "Пётр.1".replace("ё", "е")}
    )
    assert status == 201
    assert set(made) == {"user", "accessToken", "refreshToken", "message"}
    assert set(made["user"]) == {
        *("id", "woxlyId", "email", "username", "userTag", "avatarUrl", "status"),
        *("badge", "badgeColor", "emailVerified", "createdAt"),
    }
    assert made["user"]["woxlyId"][:2] == "WX"
    again = await post(world, "/auth/register", GOOD)
    assert again == (400, {"error": "Email уже зарегистрирован"})


async def test_an_address_is_the_same_in_any_case(world: World) -> None:
    await post(world, "/auth/register", GOOD)
    status, _ = await post(world, "/auth/login", {"email": "NEW@Example.org", "password": PASSWORD})
    assert status == 200


async def test_login_leaks_no_secret(world: World, ann: Person) -> None:
    status, found = await login(world, ann)
    assert status == 200
    assert set(found["user"]) == {
        *("id", "woxlyId", "email", "username", "userTag", "avatarUrl", "status"),
        *("badge", "badgeColor", "emailVerified", "createdAt"),
        *("bio", "updatedAt", "publicKey", "twoFactorEnabled"),
    }


async def test_a_wrong_password_and_an_unknown_address_look_alike(
    world: World, ann: Person
) -> None:
    wrong = await post(world, "/auth/login", {"email": ann.email, "password": "x"})
    unknown = await post(world, "/auth/login", {"email": "no@example.org", "password": "x"})
    assert wrong == unknown == (401, {"error": "Неверный email или пароль"})


async def test_messages_are_in_the_language_asked_for(world: World) -> None:
    body = {"email": "no@example.org", "password": "x"}
    said = await post(world, "/auth/login", body, **{"Accept-Language": "de, en;q=0.8, ru;q=0.5"})
    assert said == (401, {"error": "Wrong email or password"})


async def test_a_refresh_token_works_once(world: World, ann: Person) -> None:
    status, pair = await refresh(world, ann.refresh)
    assert (status, set(pair)) == (200, {"accessToken", "refreshToken"})
    answer = await world.http.get(
        "/api/users/me", headers={"Authorization": f"Bearer {pair['accessToken']}"}
    )
    assert answer.status_code == 200
    assert (await refresh(world, pair["refreshToken"]))[0] == 200


async def test_a_used_refresh_token_ends_the_sign_in_of_thief_and_owner(
    world: World, ann: Person
) -> None:
    _, pair = await refresh(world, ann.refresh)
    stolen = await refresh(world, ann.refresh)
    assert stolen == (401, {"error": "Недействительный refresh token"})
    assert (await refresh(world, pair["refreshToken"]))[0] == 401
    await ann.ask("GET", "/users/me", status=401)
    assert (await login(world, ann))[0] == 200


async def test_one_device_s_stolen_token_leaves_the_others_alone(world: World, ann: Person) -> None:
    _, other = await login(world, ann)
    await refresh(world, ann.refresh)
    await refresh(world, ann.refresh)
    assert (await refresh(world, other["refreshToken"]))[0] == 200


async def test_two_refreshes_at_once_never_both_work(world: World, ann: Person) -> None:
    import asyncio

    answers = await asyncio.gather(*(refresh(world, ann.refresh) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 401, 401, 401, 401]


async def test_old_clients_may_go_on_with_their_token_where_allowed(
    world: World, ann: Person
) -> None:
    world.server.services.sessions._takes_old = True
    assert (await refresh(world, ann.refresh))[0] == 200
    status, pair = await refresh(world, ann.refresh)
    assert status == 200
    assert (await refresh(world, pair["refreshToken"]))[0] == 200  # this client rotates
    assert (await refresh(world, ann.refresh))[0] == 401
    assert (await refresh(world, pair["refreshToken"]))[0] == 401


async def test_logging_out_ends_both_tokens_at_once(world: World, ann: Person) -> None:
    await ann.ask("GET", "/users/me")
    await ann.ask("POST", "/auth/logout")
    await ann.ask("GET", "/users/me", status=401)
    assert (await refresh(world, ann.refresh))[0] == 401


@pytest.mark.parametrize("body", [{}, {"refreshToken": None}, {"refreshToken": ""}])
async def test_no_refresh_token(world: World, body: Any) -> None:
    said = await post(world, "/auth/refresh", body)
    assert said == (401, {"error": "Refresh token не предоставлен"})


async def test_the_access_token_says_what_other_servers_say(ann: Person) -> None:
    claims = jwt.decode(ann.access, options={"verify_signature": False})
    assert claims["userId"] == ann.id
    assert claims["exp"] - claims["iat"] == 15 * 60


async def test_a_code_verifies_the_address_once_and_guesses_use_it_up(
    world: World, ann: Person
) -> None:
    async with world.server.services.db.write() as db:
        code = await users.new_code(db, ann.id, users.VERIFY)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(4):
        guess = await post(world, "/auth/verify-email", {"email": ann.email, "code": wrong})
        assert guess == (400, {"error": "Неверный код"})
    right = {"email": ann.email, "code": code}
    assert (await post(world, "/auth/verify-email", right))[0] == 200
    assert (await post(world, "/auth/verify-email", right))[0] == 400


async def test_five_wrong_guesses_void_the_code(world: World, ann: Person) -> None:
    async with world.server.services.db.write() as db:
        code = await users.new_code(db, ann.id, users.RESET)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    body = {"email": ann.email, "newPassword": "Another-1-horse"}
    for _ in range(5):
        await post(world, "/auth/reset-password", body | {"code": wrong})
    assert (await post(world, "/auth/reset-password", body | {"code": code}))[0] == 400


async def test_a_reset_signs_out_everywhere_and_a_code_has_one_purpose(
    world: World, ann: Person
) -> None:
    async with world.server.services.db.write() as db:
        code = await users.new_code(db, ann.id, users.RESET)
    assert (await post(world, "/auth/verify-email", {"email": ann.email, "code": code}))[0] == 400
    body = {"email": ann.email, "code": code, "newPassword": "Another-1-horse"}
    assert (await post(world, "/auth/reset-password", body))[0] == 200
    await ann.ask("GET", "/users/me", status=401)
    assert (await login(world, ann))[0] == 401


async def test_asking_for_a_reset_does_not_tell_who_is_registered(
    world: World, ann: Person
) -> None:
    known = await post(world, "/auth/request-password-reset", {"email": ann.email})
    unknown = await post(world, "/auth/request-password-reset", {"email": "no@example.org"})
    assert known == unknown
    assert known[0] == 200


async def test_two_factor_sign_in_asks_for_a_code_that_works_once(
    world: World, ann: Person
) -> None:
    made = await ann.ask("POST", "/users/me/2fa/setup")
    assert made["qrCode"].startswith("data:image/svg+xml")
    await ann.ask("POST", "/users/me/2fa/verify", {"token": "000000"}, status=400)
    import time

    now = int(time.time()) // totp.STEP_S
    first, second = (totp.code_at(made["secret"], now + step) for step in (0, 1))
    await ann.ask("POST", "/users/me/2fa/verify", {"token": first})
    assert await ann.ask("GET", "/users/me/2fa/status") == {"enabled": True}
    assert await login(world, ann) == (401, {"error": "Требуется код 2FA"})
    assert (await login(world, ann, twoFactorCode=first))[0] == 401
    assert (await login(world, ann, twoFactorCode=second))[0] == 200


async def test_too_many_wrong_passwords_wait(world: World, ann: Person) -> None:
    world.server.services.limiter._is_on = True
    for _ in range(LOGIN_BY_EMAIL.times):
        await post(world, "/auth/login", {"email": ann.email, "password": "x"})
    answer = await world.http.post(
        "/api/auth/login", json={"email": ann.email, "password": PASSWORD}
    )
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
