/** The gRPC services: check, call, map the error, answer. Nothing here blocks. */
@NullMarked
package dev.milepost.server.grpc;

import org.jspecify.annotations.NullMarked;
