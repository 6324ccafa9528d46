import socket

import pytest

from woxly_tui.sfu.shared import HTTP_PORT, SharedEndpoint, shared_config, shared_endpoints

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound
WEBHOOK = "http://127.0.0.1:3001/api/livekit/webhook"


def endpoint() -> SharedEndpoint:
    return SharedEndpoint(7880, 7882, "key", "secret", 7881)


def test_friends_reach_it_by_udp_and_tcp_and_it_tells_us_who_came() -> None:
    config = shared_config(EVERYWHERE, WEBHOOK)(endpoint())
    assert config["bind_addresses"] == [""]
    assert (config["rtc"]["udp_port"], config["rtc"]["tcp_port"]) == (7882, 7881)
    assert config["webhook"] == {"api_key": "key", "urls": [WEBHOOK]}


def test_on_one_address_it_can_still_be_probed() -> None:
    config = shared_config("192.0.2.7", WEBHOOK)(endpoint())
    assert config["bind_addresses"] == ["192.0.2.7", "127.0.0.1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_loopback_nothing_can_be_reached_from_elsewhere(host: str) -> None:
    config = shared_config(host, WEBHOOK)(endpoint())
    assert config["bind_addresses"] == ["127.0.0.1"]
    assert config["rtc"]["tcp_port"] == 0


def test_a_usual_port_that_is_taken_is_replaced() -> None:
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", HTTP_PORT))
            other.listen()
        except OSError:
            pass  # somebody else has it: all the better
        made = shared_endpoints("key", "secret", "127.0.0.1")()
    assert made.http_port != HTTP_PORT
    assert (made.api_key, made.api_secret) == ("key", "secret")
