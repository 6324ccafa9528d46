"""Answers of every kind of route."""

from woxly_tui.wire.shape import payload, sparse_payload


@payload
class ErrorAnswer:
    """Every handled error."""

    error: str


@payload
class DoneAnswer:
    """Something was done, and there is nothing to show for it."""

    message: str


@payload
class SuccessAnswer:
    success: bool


@sparse_payload
class HealthAnswer:
    """`status` is ok when everything is; the others are ok or say what is wrong."""

    status: str
    database: str
    livekit: str
    redis: str | None = None
    """Where several processes share one."""
    version: str
