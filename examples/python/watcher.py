"""Follows a job until it has finished, and prints each entry of its journal once.

Arguments: JOB_ID [SEQUENCE]. Each line starts with its number; with the number of the last line that it has printed, a
new watcher continues where an earlier one stopped. Progress goes to the standard error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import grpc

from client import FIRST_DELAY, MAX_DELAY, METADATA, connect, retry_pause
from milepost.v1.job_pb2 import JOB_STATE_SUCCEEDED, JobState
from milepost.v1.job_service_pb2 import WatchJobRequest, WatchJobResponse
from milepost.v1.job_service_pb2_grpc import JobServiceStub
from milepost.v1.journal_pb2 import JournalEntry


def watch(jobs: JobServiceStub, job_id: str, after: int = 0) -> Iterator[WatchJobResponse]:
    """Yields what is new about a job until it has finished, and reconnects as often as it must."""
    request = WatchJobRequest(job_id=job_id, after_sequence=after)
    delay = FIRST_DELAY
    while True:
        try:
            for message in jobs.WatchJob(request, metadata=METADATA):
                yield message
                # The caller has handled it: a new stream begins behind it.
                request.after_sequence = message.sequence
                if message.HasField("job"):
                    request.job_create_time.CopyFrom(message.job.create_time)
                delay = FIRST_DELAY
            return
        except grpc.RpcError as error:
            pause = retry_pause(error, delay)
            if pause is None:
                raise
            print(f"{error.code().name}: reconnecting", file=sys.stderr)
            time.sleep(pause)
            delay = min(2 * delay, MAX_DELAY)


def describe(entry: JournalEntry) -> str:
    kind = entry.WhichOneof("entry")
    if kind == "log":
        return entry.log.message
    if kind == "stage_change":
        return f"Stage: {entry.stage_change.stage.name}"
    return JobState.Name(entry.state_change.to_state)


def main() -> int:
    job_id, after = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    status = None
    with connect() as channel:
        for message in watch(JobServiceStub(channel), job_id, after):
            for gap in message.skipped:
                print(f"{gap.last_sequence} Entries from {gap.first_sequence} on are no longer kept", flush=True)
            for entry in message.entries:
                print(entry.sequence, describe(entry), flush=True)
            if message.HasField("job") or message.HasField("status"):
                status = message.job.status if message.HasField("job") else message.status
                print(f"{status.progress.percent} %", file=sys.stderr)
    return 0 if status.state == JOB_STATE_SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
