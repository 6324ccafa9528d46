"""Payloads of the servers' wire formats, shared by clients and server."""
