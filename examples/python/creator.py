"""Creates a job that resizes photos, and prints its id. Argument: [NUMBER OF PHOTOS]."""

import sys
import uuid

from client import call, connect
from milepost.v1.job_pb2 import JobSpec
from milepost.v1.job_service_pb2 import CreateJobRequest
from milepost.v1.job_service_pb2_grpc import JobServiceStub


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    spec = JobSpec(type="resize-photos", labels={"album": "holiday"})
    spec.params.update({"photos": [f"photo-{number}.jpg" for number in range(1, count + 1)]})
    # A worker that falls silent loses the job after this time, and another one continues.
    spec.timeouts.lease.FromSeconds(15)
    # The id is the same however often the request has to be sent, so there is one job.
    request = CreateJobRequest(spec=spec, request_id=str(uuid.uuid4()))
    with connect() as channel:
        print(call(JobServiceStub(channel).CreateJob, request).job.id)


if __name__ == "__main__":
    main()
