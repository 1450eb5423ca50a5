/** Benchmarks: each starts a server in a separate process, loads it and prints figures. */
@NullMarked
package dev.milepost.benchmarks;

import org.jspecify.annotations.NullMarked;
