/** Job creation, one at a time and as a batch. */
@NullMarked
package dev.milepost.benchmarks.create;

import org.jspecify.annotations.NullMarked;
