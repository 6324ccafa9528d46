import socket

import pytest

from woxly_tui.errors import UsageError
from woxly_tui.server.listener import open_port


def test_the_port_is_one_whose_connections_do_not_wait_to_send() -> None:
    with open_port("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with open_port("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}") as refused:
            open_port("127.0.0.1", port)
        assert "--port" in refused.value.remedy


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        open_port("192.0.2.1", 0)
