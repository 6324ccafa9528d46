"""Users and friends."""

import pytest

from tests.server.harness import PASSWORD, Person, World


async def test_oneself(ann: Person) -> None:
    user = (await ann.ask("GET", "/users/me"))["user"]
    assert user["email"] == ann.email
    body = {"username": "anna_1", "userTag": "an-na", "bio": "hello"}
    changed = (await ann.ask("PUT", "/users/me", body))["user"]
    assert (changed["username"], changed["userTag"], changed["bio"]) == ("anna_1", "an-na", "hello")


async def test_names_and_tags_of_others_are_taken(ann: Person, bob: Person) -> None:
    taken = await ann.ask("PUT", "/users/me", {"username": bob.username.upper()}, status=400)
    assert taken == {"error": "Username уже занят"}
    await bob.ask("PUT", "/users/me", {"userTag": "bobby"})
    taken = await ann.ask("PUT", "/users/me", {"userTag": "bobby"}, status=400)
    assert taken == {"error": "UserTag уже занят"}


@pytest.mark.parametrize("name", ["a", "x" * 14, "a b c d", "\x1b[31mred"])
async def test_a_new_name_follows_the_rules_of_registration(ann: Person, name: str) -> None:
    await ann.ask("PUT", "/users/me", {"username": name}, status=400)


async def test_others_show_no_address(ann: Person, bob: Person) -> None:
    found = await ann.ask("GET", f"/users/{bob.id}")
    assert set(found) == {"user", "friendshipStatus", "friendshipId", "note"}
    assert "email" not in found["user"]
    assert "bio" in found["user"]


async def test_a_new_password_needs_its_length_and_no_more(ann: Person) -> None:
    def body(new: str) -> dict[str, str]:
        return {"currentPassword": PASSWORD, "newPassword": new, "confirmPassword": new}

    path = "/users/me/password"
    for new, said in (
        ("1234567", "Новый пароль минимум 8 символов"),
        ("x" * 201, "Пароль максимум 200 символов"),
    ):
        assert await ann.ask("PUT", path, body(new), status=400) == {"error": said}
    await ann.ask("PUT", path, body("12345678"))


async def test_changing_the_password_signs_the_other_devices_out(world: World, ann: Person) -> None:
    other = await world.http.post(
        "/api/auth/login", json={"email": ann.email, "password": PASSWORD}
    )
    new = "Another-1-horse"
    body = {"currentPassword": PASSWORD, "newPassword": new, "confirmPassword": new}
    wrong = await ann.ask("PUT", "/users/me/password", body | {"currentPassword": "x"}, status=400)
    assert wrong == {"error": "Неверный текущий пароль"}
    differ = await ann.ask("PUT", "/users/me/password", body | {"confirmPassword": "x"}, status=400)
    assert differ == {"error": "Пароли не совпадают"}
    await ann.ask("PUT", "/users/me/password", body)
    await ann.ask("GET", "/users/me")
    header = {"Authorization": f"Bearer {other.json()['accessToken']}"}
    assert (await world.http.get("/api/users/me", headers=header)).status_code == 401


async def test_keys_are_stored_for_others(ann: Person, bob: Person) -> None:
    assert await ann.ask("POST", "/users/me/public-key", {"publicKey": "k"}) == {"success": True}
    found = await bob.ask("GET", f"/users/{ann.id}/public-key")
    assert found == {"userId": ann.id, "publicKey": "k"}


async def test_asking_and_saying_yes(ann: Person, bob: Person) -> None:
    made = await ann.ask("POST", "/friends/add", {"friendId": bob.id}, status=201)
    assert made["friendship"]["status"] == "pending"
    again = await ann.ask("POST", "/friends/add", {"friendId": bob.id}, status=400)
    assert again == {"error": "Запрос уже отправлен"}
    (request,) = (await bob.ask("GET", "/friends/requests"))["requests"]
    assert request["user"]["id"] == ann.id
    await ann.ask("POST", "/friends/accept", {"friendshipId": request["id"]}, status=404)
    await bob.ask("POST", "/friends/accept", {"friendshipId": request["id"]})
    (friend,) = (await ann.ask("GET", "/friends"))["friends"]
    assert (friend["id"], friend["friendshipId"]) == (bob.id, request["id"])
    already = await bob.ask("POST", "/friends/add", {"friendId": ann.id}, status=400)
    assert already == {"error": "Уже в друзьях"}


async def test_asking_back_is_saying_yes(ann: Person, bob: Person) -> None:
    await ann.ask("POST", "/friends/add", {"friendId": bob.id}, status=201)
    made = await bob.ask("POST", "/friends/add", {"friendId": ann.id}, status=200)
    assert made["autoAccepted"] is True
    assert made["friendship"]["status"] == "accepted"


async def test_saying_no_and_asking_again(ann: Person, bob: Person) -> None:
    made = await ann.ask("POST", "/friends/add", {"friendId": bob.id}, status=201)
    await bob.ask("POST", "/friends/decline", {"friendshipId": made["friendship"]["id"]})
    await ann.ask("POST", "/friends/add", {"friendId": bob.id}, status=201)


async def test_notes_are_private(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    await ann.ask("PUT", f"/friends/{bob.id}/note", {"note": "owes me ten"})
    assert (await ann.ask("GET", "/friends"))["friends"][0]["note"] == "owes me ten"
    assert (await bob.ask("GET", "/friends"))["friends"][0]["note"] is None
    assert (await bob.ask("GET", f"/users/{ann.id}"))["note"] is None


async def test_blocking_ends_friendship_and_does_not_show_to_the_blocked(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    await ann.ask("POST", "/friends/block", {"userId": bob.id})
    assert (await bob.ask("GET", "/friends"))["friends"] == []
    assert (await bob.ask("GET", f"/users/{ann.id}"))["friendshipStatus"] is None
    assert (await ann.ask("GET", f"/users/{bob.id}"))["friendshipStatus"] == "blocked"
    await bob.ask("POST", "/friends/add", {"friendId": ann.id}, status=400)
    await bob.ask("POST", "/friends/unblock", {"userId": ann.id}, status=404)
    assert [u["id"] for u in (await ann.ask("GET", "/friends/blocked"))["users"]] == [bob.id]
    await ann.ask("POST", "/friends/unblock", {"userId": bob.id})
    await bob.ask("POST", "/friends/add", {"friendId": ann.id}, status=201)


async def test_searching(world: World) -> None:
    ann, bob = await world.person("ann"), await world.person("bob")
    by_name = await ann.ask("GET", "/friends/search", q=bob.username[:3].upper())
    assert [user["id"] for user in by_name["users"]] == [bob.id]
    by_id = await ann.ask("GET", "/friends/search", q=bob.woxly_id.lower())
    assert [user["id"] for user in by_id["users"]] == [bob.id]
    for query in ("%%", "__", "'--"):
        assert (await ann.ask("GET", "/friends/search", q=query))["users"] == []
    short = await ann.ask("GET", "/friends/search", q="a", status=400)
    assert short == {"error": "Слишком короткий запрос"}
