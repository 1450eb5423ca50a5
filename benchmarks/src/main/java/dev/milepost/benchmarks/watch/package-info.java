/** Watches: latency, fan-out and memory. */
@NullMarked
package dev.milepost.benchmarks.watch;

import org.jspecify.annotations.NullMarked;
