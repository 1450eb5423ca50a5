/** A well-behaved client beside one that exceeds its rate limit. */
@NullMarked
package dev.milepost.benchmarks.noisy;

import org.jspecify.annotations.NullMarked;
