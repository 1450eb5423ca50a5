/** Floors: bare gRPC, the disk and SQLite, which no server of this kind can outperform. */
@NullMarked
package dev.milepost.benchmarks.floors;

import org.jspecify.annotations.NullMarked;
