from tests.unit.cli.conftest import home

__all__ = ["home"]
