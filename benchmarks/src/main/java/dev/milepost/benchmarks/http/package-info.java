/** What HTTP costs beyond gRPC. */
@NullMarked
package dev.milepost.benchmarks.http;

import org.jspecify.annotations.NullMarked;
