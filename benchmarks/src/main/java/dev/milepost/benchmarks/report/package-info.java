/** Durable reports. */
@NullMarked
package dev.milepost.benchmarks.report;

import org.jspecify.annotations.NullMarked;
