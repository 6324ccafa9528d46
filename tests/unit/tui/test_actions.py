from woxly_tui.tui.actions import (
    ACTIONS,
    bindings,
    footer_actions,
    key_name,
    key_table_markdown,
)
from woxly_tui.tui.app import WoxlyApp


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
