package dev.milepost.server.store;

/**
 * What a store has done to erase a user who has no jobs.
 *
 * @param requests records of idempotent requests that were removed
 * @param isComplete whether nothing is left to do; otherwise the erasure must be repeated
 */
public record Erased(long requests, boolean isComplete) {}
