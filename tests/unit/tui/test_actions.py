from woxly_tui.tui.actions import (
    ACTIONS,
    bindings,
    footer_actions,
    key_name,
    key_table_markdown,
)
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.tui.lobby_actions import LOBBY_ACTIONS, MESSAGE_ACTIONS
from woxly_tui.tui.screens.lobby import LobbyScreen
from woxly_tui.tui.widgets.message_lines import MessageLines


def test_no_key_is_given_twice() -> None:
    keys = [key for action in ACTIONS for key in action.all_keys]
    assert len(keys) == len(set(keys))


def test_no_key_is_one_that_terminals_send_for_another() -> None:
    taken = {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+left_square_bracket"}
    assert not taken & {key for action in ACTIONS for key in action.all_keys}


def test_a_bare_letter_never_outranks_a_text_input() -> None:
    for binding in bindings():
        assert not (binding.priority and len(binding.key) == 1)


def test_every_action_exists_in_the_app() -> None:
    for action in ACTIONS:
        assert callable(getattr(WoxlyApp, "action_" + action.name.partition("(")[0]))


def test_leaving_and_muting_stay_longest_in_the_footer() -> None:
    first = [action.name for action in footer_actions(with_rejoin=False)][:3]
    assert first == ["leave", "mute", "deafen"]


def test_key_table_names_every_key() -> None:
    table = key_table_markdown()
    for action in ACTIONS:
        assert action.help in table
        for key in action.all_keys:
            assert f"`{key_name(key)}`" in table
    assert "| `m` `F2` |" in table
    assert "| `Ctrl-C` |" in table


def test_the_keys_of_the_lobby_and_of_messages_do_not_meet() -> None:
    always = {key for action in ACTIONS for key in action.always_keys}
    common = {key for a in ACTIONS if not a.is_call_only for key in a.keys} - {"escape"}
    for actions in (LOBBY_ACTIONS, MESSAGE_ACTIONS):
        keys = [key for action in actions for key in action.all_keys]
        assert len(keys) == len(set(keys))
        assert not always & set(keys)
    assert not common & {key for action in LOBBY_ACTIONS for key in action.all_keys}


def test_every_action_of_the_lobby_exists_where_it_belongs() -> None:
    for action in LOBBY_ACTIONS:
        assert callable(getattr(LobbyScreen, "action_" + action.name.partition("(")[0]))
    for action in MESSAGE_ACTIONS:
        assert callable(getattr(MessageLines, "action_" + action.name.partition("(")[0]))
