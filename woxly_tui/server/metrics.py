"""Figures for Prometheus."""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The counters of one server. No label holds anything a client chose."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests: Final = Counter(
            "woxly_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self.seconds: Final = Histogram(
            "woxly_http_seconds",
            "Time to answer",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.events: Final = Counter(
            "woxly_socket_events",
            "Socket.IO events handled",
            ("event", "outcome"),
            registry=self._registry,
        )
        self.devices: Final = Gauge(
            "woxly_devices", "Sockets connected to this process", registry=self._registry
        )
        self.rings: Final = Gauge("woxly_rings", "Rings going on", registry=self._registry)
        self.callers: Final = Gauge("woxly_in_calls", "People in calls", registry=self._registry)
        self.rung: Final = Gauge(
            "woxly_rings_begun", "Rings begun since the start", registry=self._registry
        )

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)
