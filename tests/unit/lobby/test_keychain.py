"""The macOS Keychain through `security`, here a script that behaves as it does."""

import sys
from pathlib import Path

import pytest

from woxly_tui.lobby.keychain import Keychain
from woxly_tui.lobby.vault import Entry, VaultClosed

ANN = Entry("https://one.example#1", 'woxly: "ann" \\ x')

SECURITY = f"""#!{sys.executable}
import json, pathlib, shlex, sys
kept = pathlib.Path(__file__).with_name("kept.json")
log = pathlib.Path(__file__).with_name("argv.log")
with log.open("a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
items = json.loads(kept.read_text()) if kept.exists() else {{}}
words = sys.argv[1:]
if words == ["-i"]:
    words = shlex.split(sys.stdin.readline())
words = [word for word in words if word != "-U"]
options = dict(zip(words[1::2], words[2::2]))
name = options.get("-a")
if words[0] == "add-generic-password":
    items[name] = options["-w"]
elif name not in items:
    sys.exit(44)
elif words[0] == "delete-generic-password":
    del items[name]
else:
    print(items[name])
kept.write_text(json.dumps(items))
"""


def program(folder: Path, text: str = SECURITY) -> str:
    path = folder / "security"
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_secrets_are_kept_and_never_an_argument(tmp_path: Path) -> None:
    vault = Keychain(program(tmp_path), limit_s=20)
    assert vault.get(ANN) is None
    vault.put(ANN, "secret-tokens")
    vault.put(ANN, "newer-tokens")
    assert vault.get(ANN) == "newer-tokens"
    vault.remove(ANN)
    vault.remove(ANN)
    assert vault.get(ANN) is None
    said = (tmp_path / "argv.log").read_text()
    assert "tokens" not in said
    assert b"tokens".hex() not in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#!/bin/sh\nexit 36\n", "locked"),
        ("#!/bin/sh\nsleep 60\n", "does not answer"),
    ],
)
def test_a_keychain_that_is_locked_or_asks_is_not_waited_for(
    tmp_path: Path, text: str, why: str
) -> None:
    vault = Keychain(program(tmp_path, text), limit_s=0.3)
    with pytest.raises(VaultClosed, match=why):
        vault.put(ANN, "secret")
    with pytest.raises(VaultClosed, match=why):
        vault.remove(ANN)


def test_where_there_is_no_such_program_there_is_no_keychain(tmp_path: Path) -> None:
    with pytest.raises(VaultClosed, match="cannot be asked"):
        Keychain(str(tmp_path / "none")).get(ANN)
    with pytest.raises(VaultClosed, match="as long"):
        Keychain(program(tmp_path)).put(ANN, "x" * 3000)
