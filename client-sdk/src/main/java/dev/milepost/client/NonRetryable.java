package dev.milepost.client;

/**
 * Marks exceptions after which another attempt is of no use: a handler that throws one fails the
 * job.
 */
public interface NonRetryable {}
