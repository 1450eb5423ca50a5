package dev.milepost.server.store;

/**
 * The key of an idempotent request.
 *
 * @param tenantId tenant of the caller
 * @param userId user of the caller
 * @param method RPC of the request: an id may be reused for another RPC
 * @param requestId id that the caller chose, never empty
 */
public record RequestKey(String tenantId, String userId, String method, String requestId) {}
