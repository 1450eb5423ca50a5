package dev.milepost.server.store;

/**
 * Names an idempotent request.
 *
 * @param tenantId tenant of the caller
 * @param userId user of the caller
 * @param method RPC that it is a request of, so that the same id may be used for another RPC
 * @param requestId id as the caller gave it, never empty
 */
public record RequestKey(String tenantId, String userId, String method, String requestId) {}
