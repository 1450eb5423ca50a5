"""What the creator, the worker and the watcher share: the connection, and how a call is repeated."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import grpc
from google.rpc import error_details_pb2, status_pb2

FIRST_DELAY, MAX_DELAY = 0.1, 30.0  # seconds

if token := os.environ.get("MILEPOST_TOKEN"):
    METADATA = [("authorization", f"Bearer {token}")]
else:  # A development server believes what a process of the same machine says.
    METADATA = [("x-milepost-user", os.environ.get("MILEPOST_USER", "ann"))]


def connect() -> grpc.Channel:
    """Returns a channel, which is to be used as long as the process lives: by TLS if there is a token."""
    address = os.environ.get("MILEPOST_ADDRESS", "localhost:7300")
    options = [
        # Timeouts of each method, and which ones gRPC itself may repeat.
        ("grpc.service_config", Path(__file__).with_name("service_config.json").read_text()),
        # Notices a dead connection while a stream is open.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.max_reconnect_backoff_ms", 5_000),
    ]
    if token:
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(), options)
    return grpc.insecure_channel(address, options)


def call(method, request, give_up_after: float = 600.0):
    """Sends a request until it is answered: the same each time, so that it takes effect once.

    Raises an error that a repetition cannot help, and the last error once the given seconds are over.
    """
    give_up_time = time.monotonic() + give_up_after
    delay = FIRST_DELAY
    while True:
        left = max(give_up_time - time.monotonic(), FIRST_DELAY)
        try:
            # The timeout of the service config holds too: whichever is shorter.
            return method(request, timeout=left, metadata=METADATA)
        except grpc.RpcError as error:
            pause = retry_pause(error, delay)
            if pause is None or pause >= left:
                raise
            time.sleep(pause)
            delay = min(2 * delay, MAX_DELAY)


def retry_pause(error: grpc.RpcError, delay: float) -> float | None:
    """Returns the seconds to wait before the request is sent again, or None if a repetition cannot help."""
    told = told_delay(error)
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return told or delay * random.uniform(0.8, 1.2)
    if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
        return told  # None: the request is too large
    return None


def told_delay(error: grpc.RpcError) -> float | None:
    """Returns the seconds in the RetryInfo of an error, if it has one."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.RetryInfo()
                if detail.Unpack(info):
                    return info.retry_delay.ToTimedelta().total_seconds()
    return None
