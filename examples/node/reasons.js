// Why the work on a job must stop.
import grpc from '@grpc/grpc-js';

/** Somebody has cancelled the job: confirm it. */
export class Cancelled extends Error {}

/** The attempt may no longer write, since another worker may have the job: do nothing more about it. */
export class LeaseLost extends Error {}

/** The worker has been told to stop: release the job. */
export class WorkerStops extends Error {}

/** Returns what an error that ends the attempt means: only a refused request is a failure of the work. */
export function reasonToStop(error) {
  return error.code === grpc.status.INVALID_ARGUMENT ? error : new LeaseLost(error.message);
}
