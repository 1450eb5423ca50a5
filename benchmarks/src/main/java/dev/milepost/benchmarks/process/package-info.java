/** Server processes: starting, stopping and observing the servers that are measured. */
@NullMarked
package dev.milepost.benchmarks.process;

import org.jspecify.annotations.NullMarked;
