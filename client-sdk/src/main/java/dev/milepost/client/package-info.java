/** The Java client: create a job, run it, report on it, watch it. */
@NullMarked
package dev.milepost.client;

import org.jspecify.annotations.NullMarked;
