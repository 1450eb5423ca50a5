/**
 * The use cases: what callers and workers can do, independent of the transport.
 *
 * <p>A use case checks the request and the caller's permissions, passes a decision of the rules to
 * the store, and returns the response as a stage. Nothing here blocks or depends on gRPC.
 */
@NullMarked
package dev.milepost.server.app;

import org.jspecify.annotations.NullMarked;
