package dev.milepost.client;

/** The standard codes of failed calls, by their names in gRPC; docs/CLIENTS.md lists their use. */
public enum StatusCode {
  /** Never the code of an error. */
  OK,
  /** The job, or the call, was cancelled. */
  CANCELLED,
  /** Something failed without saying how; a job that failed. */
  UNKNOWN,
  /** The request is wrong, whatever the state of the server. */
  INVALID_ARGUMENT,
  /** There was no response in time. */
  DEADLINE_EXCEEDED,
  /** It does not exist, or the caller may not see it. */
  NOT_FOUND,
  /** It exists already. */
  ALREADY_EXISTS,
  /** The caller may not do this. */
  PERMISSION_DENIED,
  /** A limit is reached. */
  RESOURCE_EXHAUSTED,
  /** The job's state does not allow it. */
  FAILED_PRECONDITION,
  /** The lease is lost, or the job has changed. */
  ABORTED,
  /** The server no longer keeps the position. */
  OUT_OF_RANGE,
  /** The server does not know the call. */
  UNIMPLEMENTED,
  /** A fault of the server. */
  INTERNAL,
  /** The server cannot be reached; try again. */
  UNAVAILABLE,
  /** Stored data is damaged. */
  DATA_LOSS,
  /** The credentials are missing or wrong. */
  UNAUTHENTICATED
}
