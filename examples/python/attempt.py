"""One attempt at a job, as its worker sees it: reports that count exactly once, heartbeats, the end."""

from __future__ import annotations

import threading
import time

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from client import call
from milepost.v1.job_pb2 import JobError
from milepost.v1.worker_service_pb2 import DIRECTIVE_CANCEL, ClaimedJob, Report, ReportAck
from milepost.v1.worker_service_pb2 import CompleteJobRequest, ConfirmCancelRequest, FailJobRequest
from milepost.v1.worker_service_pb2 import HeartbeatRequest, ReleaseJobRequest, ReportRequest
from milepost.v1.worker_service_pb2_grpc import WorkerServiceStub

# How many updates wait for the next report, at most: a report may have 1,000 lines, and a message 4 MiB.
MAX_UPDATES = 50


class Cancelled(Exception):
    """Somebody has cancelled the job: stop, and confirm it."""


class LeaseLost(Exception):
    """The attempt may no longer write, since another worker may have the job: stop."""


class Attempt:
    """Sends reports from a thread of its own, as often as the server wants them, so that the work does not wait."""

    def __init__(self, workers: WorkerServiceStub, claimed: ClaimedJob) -> None:
        self.params: dict = MessageToDict(claimed.job.spec.params)
        self.checkpoint: dict = MessageToDict(claimed.job.status.checkpoint)
        self._workers = workers
        self._names = {"job_id": claimed.job.id, "attempt_token": claimed.grant.attempt_token}
        self._heartbeat = claimed.grant.heartbeat_interval.ToTimedelta().total_seconds()
        self._lease = claimed.grant.lease.ToTimedelta().total_seconds()
        self._lease_end = time.monotonic() + self._lease
        self._seq = claimed.grant.committed_seq
        self._updates: list[Report] = []
        self._stop: Exception | None = None
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._send_reports, daemon=True)
        self._thread.start()

    def report(self, update: Report) -> None:
        """Adds an update to the next report, whole. Waits while there is too much to report.

        Raises Cancelled or LeaseLost if the work must stop.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stop or len(self._updates) < MAX_UPDATES)
            if self._stop:
                raise self._stop
            self._updates.append(update)
            self._changed.notify_all()

    def complete(self, result: dict) -> None:
        struct = Struct()
        struct.update(result)
        self._end(self._workers.CompleteJob, CompleteJobRequest(result=struct, **self._names))

    def fail(self, code: str, message: str) -> None:
        error = JobError(code=code, message=message, retryable=True)
        self._end(self._workers.FailJob, FailJobRequest(error=error, **self._names))

    def confirm_cancel(self) -> None:
        self._end(self._workers.ConfirmCancel, ConfirmCancelRequest(**self._names))

    def release(self, reason: str) -> None:
        self._end(self._workers.ReleaseJob, ReleaseJobRequest(reason=reason, **self._names))

    def _end(self, method, request) -> None:
        """Ends the attempt. What was not reported yet goes with it: both are committed, or neither."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join()
        if isinstance(self._stop, LeaseLost):
            raise self._stop  # A report may be without an answer: nothing may follow it.
        if report := self._next_report():
            request.report.CopyFrom(report)
        try:
            call(method, request)
        except grpc.RpcError as error:
            raise reason_to_stop(error) from error

    def _send_reports(self) -> None:
        interval = 0.0
        try:
            while self._wait(interval):
                report, sent = self._next_report(), time.monotonic()
                ack = self._send(report, self._lease_end - sent)
                self._seq, self._lease_end = ack.committed_seq, sent + self._lease
                interval = min(ack.min_report_interval.ToTimedelta().total_seconds(), self._heartbeat)
                if ack.directive == DIRECTIVE_CANCEL:
                    self._stop_work(Cancelled())  # The lease is kept meanwhile.
        except grpc.RpcError as error:
            self._stop_work(reason_to_stop(error))

    def _stop_work(self, reason: Exception) -> None:
        with self._changed:
            self._stop = reason
            self._changed.notify_all()

    def _send(self, report: Report | None, lease_left: float) -> ReportAck:
        """Sends a report until it is acknowledged, with the same number, or a heartbeat if there is none."""
        if report:
            return call(self._workers.Report, ReportRequest(report=report, **self._names), lease_left).ack
        return call(self._workers.Heartbeat, HeartbeatRequest(**self._names), lease_left).ack

    def _wait(self, interval: float) -> bool:
        """Waits until there is something to send. Returns whether the attempt goes on."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended, interval)
            self._changed.wait_for(lambda: self._ended or self._updates, self._heartbeat - interval)
            return not self._ended

    def _next_report(self) -> Report | None:
        """Takes all updates as one numbered report: lines and counters add up, of all else the latest counts."""
        with self._changed:
            updates, self._updates = self._updates, []
            self._changed.notify_all()
        if not updates:
            return None
        report = Report(report_seq=self._seq + 1)
        for update in updates:
            report.logs.extend(update.logs)
            for name, amount in update.outcome_increments.items():
                report.outcome_increments[name] += amount
            for field in ("progress", "stage", "checkpoint"):
                if update.HasField(field):
                    getattr(report, field).CopyFrom(getattr(update, field))
        return report


def reason_to_stop(error: grpc.RpcError) -> Exception:
    """Returns what an error that ends the attempt means: only a refused request is a failure of the work."""
    if error.code() == grpc.StatusCode.INVALID_ARGUMENT:
        return ValueError(error.details())
    return LeaseLost(error.details())
