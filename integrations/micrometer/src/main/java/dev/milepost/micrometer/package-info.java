/** The meters of the Java client: {@link dev.milepost.micrometer.MilepostMeters}. */
@NullMarked
package dev.milepost.micrometer;

import org.jspecify.annotations.NullMarked;
