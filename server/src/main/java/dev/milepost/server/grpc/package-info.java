/**
 * The gRPC transport: server, interceptors, services, streams and the error map. Each RPC checks,
 * calls a use case, and maps the error or answers. Nothing here blocks.
 */
@NullMarked
package dev.milepost.server.grpc;

import org.jspecify.annotations.NullMarked;
