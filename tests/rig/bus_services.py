"""A keyring and a notification service on the session bus, for tests; run as a process.

Switches: `locked` (the keyring opens only to whoever unlocks it in a dialogue), `no-default`
(none is set up), `asks` (it wants to ask before it keeps anything), `slow` (notifications are
never answered). Prints a JSON line for each call.
"""

import json
import sys
from typing import Any, Final

from jeepney import HeaderFields, Message, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

_COLLECTION: Final = "/org/freedesktop/secrets/collection/test"
_ITEM: Final = f"{_COLLECTION}/"
_NOTHING: Final = "/"


def say(kind: str, **rest: Any) -> None:
    sys.stdout.write(json.dumps({"type": kind, **rest}) + "\n")
    sys.stdout.flush()


class Keyring:
    """The Secret Service, as far as woxly asks it."""

    def __init__(self, switches: frozenset[str]) -> None:
        self._switches = switches
        self._items: dict[str, tuple[dict[str, str], bytes]] = {}
        self._number = 0

    def answer(self, member: str, path: str, body: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        match member:
            case "OpenSession":
                return "vo", (("s", ""), "/session")
            case "ReadAlias":
                return "o", (_NOTHING if "no-default" in self._switches else _COLLECTION,)
            case "Unlock":
                is_locked = "locked" in self._switches
                return "aoo", ([] if is_locked else body[0], "/prompt" if is_locked else _NOTHING)
            case "SearchItems":
                found = [key for key, (what, _) in self._items.items() if what == body[0]]
                is_locked = "locked" in self._switches
                return "aoao", ([], found) if is_locked else (found, [])
            case "CreateItem":
                return "oo", self._create(body)
            case "GetSecret":
                return "(oayays)", ((body[0], b"", self._items[path][1], "text/plain"),)
            case "Delete":
                del self._items[path]
                return "o", (_NOTHING,)
        raise KeyError(member)

    def _create(self, body: tuple[Any, ...]) -> tuple[str, str]:
        if "asks" in self._switches:
            return _NOTHING, "/prompt"
        properties, (_, _, secret, _), is_replaced = body
        attributes = properties["org.freedesktop.Secret.Item.Attributes"][1]
        known = [key for key, (what, _) in self._items.items() if what == attributes]
        if not known or not is_replaced:
            self._number += 1
            known = [f"{_ITEM}{self._number}"]
        self._items[known[0]] = (attributes, bytes(secret))
        return known[0], _NOTHING


def main() -> None:
    switches = frozenset(sys.argv[1:])
    keyring = Keyring(switches)
    connection = open_dbus_connection("SESSION")
    for name in ("org.freedesktop.secrets", "org.freedesktop.Notifications"):
        connection.send_and_get_reply(message_bus.RequestName(name))
    say("ready")
    number = 0
    while True:
        message: Message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        fields = message.header.fields
        member, path = fields[HeaderFields.member], fields.get(HeaderFields.path, "")
        interface = fields.get(HeaderFields.interface, "")
        if interface == "org.freedesktop.Notifications":
            number += 1
            say("notification", member=member, body=repr(message.body))
            if "slow" in switches:
                continue
            reply = new_method_return(message, "u", (number,))
            if member == "GetCapabilities":
                reply = new_method_return(message, "as", (["body", "actions"],))
            if member == "GetServerInformation":
                reply = new_method_return(message, "ssss", ("test", "test", "1", "1.2"))
            connection.send(reply)
            continue
        try:
            connection.send(new_method_return(message, *keyring.answer(member, path, message.body)))
        except KeyError as error:
            say("unknown", member=str(error))
            connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))


if __name__ == "__main__":
    main()
