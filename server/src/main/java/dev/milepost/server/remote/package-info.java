/** Reaches a running server over gRPC, for the commands of the server's own command line. */
@NullMarked
package dev.milepost.server.remote;

import org.jspecify.annotations.NullMarked;
