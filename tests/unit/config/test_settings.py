import tomllib
from pathlib import Path

from woxly_tui.config import SETTINGS, Config, Secret, load_config
from woxly_tui.media.messages import BackendChoice

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def test_example_holds_every_key_with_its_default() -> None:
    tables = tomllib.loads(EXAMPLE.read_text("utf-8"))
    found = {
        f"{section}.{key}": value for section, keys in tables.items() for key, value in keys.items()
    }
    wanted = {
        setting.path: setting.default.reveal()
        if isinstance(setting.default, Secret)
        else setting.default
        for setting in SETTINGS
    }
    assert found == wanted
    assert list(found) == list(wanted), "the order of the file is the order of the settings"


def test_example_names_each_variable_and_flag() -> None:
    text = EXAMPLE.read_text("utf-8")
    missing = [s.source.env for s in SETTINGS if s.source.env not in text]
    missing += [
        s.source.flag for s in SETTINGS if s.source.flag[:2] == "--" and s.source.flag not in text
    ]
    assert missing == []


def test_example_loads_as_the_defaults() -> None:
    assert load_config(config_flag=str(EXAMPLE), environ={}).config == Config()


def test_backends_are_those_of_the_media_worker() -> None:
    (backend,) = [setting for setting in SETTINGS if setting.path == "audio.backend"]
    assert set(backend.source.choices) == set(BackendChoice)


def test_secrets_are_masked_wherever_a_config_is_printed() -> None:
    loaded = load_config({"livekit.api_secret": "hush-hush"}, environ={"LIVEKIT_TOKEN": "t0p"})
    assert "hush-hush" not in repr(loaded) + str(loaded)
    assert "t0p" not in repr(loaded)
    assert loaded.config.livekit.api_secret.reveal() == "hush-hush"
