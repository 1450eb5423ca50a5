/** Whether the time of a refusal tells that a job exists. */
@NullMarked
package dev.milepost.benchmarks.foreign;

import org.jspecify.annotations.NullMarked;
