/** Stores that already hold many jobs: claims, lists and server start. */
@NullMarked
package dev.milepost.benchmarks.stored;

import org.jspecify.annotations.NullMarked;
