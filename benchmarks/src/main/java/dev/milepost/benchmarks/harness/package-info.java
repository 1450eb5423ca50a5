/** The shared harness: options, workloads, and variants that are measured in alternating phases. */
@NullMarked
package dev.milepost.benchmarks.harness;

import org.jspecify.annotations.NullMarked;
