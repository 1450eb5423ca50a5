package dev.milepost.server.job;

import java.time.Duration;

/**
 * A share that a caller wants to create; validated.
 *
 * @param id random id
 * @param createdBy the caller
 * @param label what it is for; may be empty
 * @param lifetime when it expires, from its creation
 * @param requestId makes the creation idempotent for this caller; empty: it is not
 */
public record NewShare(
    String id, String createdBy, String label, Duration lifetime, String requestId) {}
