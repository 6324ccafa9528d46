from pathlib import Path

from woxly_tui.cli.sound_wishes import shaping_of
from woxly_tui.config import load_config
from woxly_tui.control.messages import SetShaping

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def test_the_example_file_wants_nothing() -> None:
    assert shaping_of(load_config(config_flag=str(EXAMPLE), environ={})) == SetShaping()
    assert shaping_of(load_config(environ={})) == SetShaping()


def test_each_key_that_somebody_wrote_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[audio]\nmaster_percent = 80\nmic_gain_db = 6\nhigh_pass = false\n")
    environ = {
        "WOXLY_ECHO_CANCELLATION": "0",
        "WOXLY_NOISE_SUPPRESSION": "off",
        "WOXLY_AUTO_GAIN": "1",
    }
    assert shaping_of(load_config(config_flag=str(file), environ=environ)) == SetShaping(
        master_percent=80,
        mic_gain_db=6.0,
        echo_cancellation=False,
        noise_suppression=False,
        auto_gain=True,
        high_pass=False,
    )
