/**
 * The use cases: what callers and workers ask for, apart from the transport that carries it.
 *
 * <p>A use case checks the request, finds out what the caller may do, hands the store a decision of
 * the rules, and returns the response as a stage. Nothing here blocks or knows of gRPC calls.
 */
@NullMarked
package dev.milepost.server.app;

import org.jspecify.annotations.NullMarked;
