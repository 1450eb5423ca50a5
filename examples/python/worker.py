"""Works on jobs of the type "resize-photos", one at a time, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import uuid

from google.protobuf.duration_pb2 import Duration

from attempt import Attempt, Cancelled, LeaseLost
from client import call, connect
from milepost.v1.job_pb2 import Progress
from milepost.v1.journal_pb2 import LOG_LEVEL_INFO, LogEntry
from milepost.v1.worker_service_pb2 import ClaimedJob, ClaimJobsRequest, Report
from milepost.v1.worker_service_pb2_grpc import WorkerServiceStub


def resize_photos(attempt: Attempt) -> dict:
    """Does the work, from where the previous attempt left it, and returns the result."""
    photos = attempt.params["photos"]
    for number in range(int(attempt.checkpoint.get("done", 0)), len(photos)):
        time.sleep(0.2)  # the work
        # In one report, so that the line is there if and only if the next attempt would not do this photo again.
        report = Report(
            logs=[LogEntry(level=LOG_LEVEL_INFO, message=f"Resized {photos[number]}")],
            progress=Progress(current=number + 1, total=len(photos), unit="photos"),
            outcome_increments={"resized": 1},
        )
        report.checkpoint.update({"done": number + 1})
        attempt.report(report)
    return {"folder": "/photos/small"}


def work(attempt: Attempt) -> None:
    """Carries out an attempt and says how it has ended."""
    try:
        result = resize_photos(attempt)
    except Cancelled:
        attempt.confirm_cancel()
    except LeaseLost:
        raise
    except SystemExit:
        attempt.release("The worker stops")
        raise
    except Exception as error:
        attempt.fail(type(error).__name__.upper(), str(error))
    else:
        attempt.complete(result)


def claim(workers: WorkerServiceStub) -> ClaimedJob | None:
    """Waits for a job, and returns None if there is none for half a minute."""
    request = ClaimJobsRequest(
        worker_id=f"{socket.gethostname()}/{os.getpid()}",
        types=["resize-photos"],
        max_jobs=1,
        wait=Duration(seconds=30),
        # If the response gets lost, the same request returns the job that it had claimed.
        request_id=str(uuid.uuid4()),
    )
    return next(iter(call(workers.ClaimJobs, request, give_up_after=86_400.0).jobs), None)


def main() -> None:
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: sys.exit())
    with connect() as channel:
        workers = WorkerServiceStub(channel)
        while True:
            if claimed := claim(workers):
                print(f"Working on {claimed.job.id}, attempt {claimed.grant.attempt}", flush=True)
                try:
                    work(Attempt(workers, claimed))
                except LeaseLost as lost:
                    print(f"Stopped working on {claimed.job.id}: {lost}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
