/** A long run at half load. */
@NullMarked
package dev.milepost.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
