"""The configuration file, the environment, and where each value came from."""

from woxly_tui.config.credentials import KeyGiven, TokenGiven, choose_credentials, choose_key
from woxly_tui.config.load import Found, Loaded, Source, config_path, load_config
from woxly_tui.config.secret import Secret
from woxly_tui.config.settings import SETTINGS, Config
from woxly_tui.config.urls import ServerUrl, parse_server_url

__all__ = [
    "SETTINGS",
    "Config",
    "Found",
    "KeyGiven",
    "Loaded",
    "Secret",
    "ServerUrl",
    "Source",
    "TokenGiven",
    "choose_credentials",
    "choose_key",
    "config_path",
    "load_config",
    "parse_server_url",
]
