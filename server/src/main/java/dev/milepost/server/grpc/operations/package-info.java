/** The same jobs as {@code google.longrunning} operations. */
@NullMarked
package dev.milepost.server.grpc.operations;

import org.jspecify.annotations.NullMarked;
