/** Reads the jobs of a running server over gRPC, to copy them into a store. */
@NullMarked
package dev.milepost.server.copy.remote;

import org.jspecify.annotations.NullMarked;
