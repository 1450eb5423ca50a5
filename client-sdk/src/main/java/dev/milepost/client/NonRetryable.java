package dev.milepost.client;

/**
 * Marks exceptions after which a retry would be useless: a handler that throws one fails the job.
 */
public interface NonRetryable {}
