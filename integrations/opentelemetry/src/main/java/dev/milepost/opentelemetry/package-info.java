/** The bridge from OpenTelemetry to jobs: {@link dev.milepost.opentelemetry.JobTracing}. */
@NullMarked
package dev.milepost.opentelemetry;

import org.jspecify.annotations.NullMarked;
