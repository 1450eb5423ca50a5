/**
 * The interface that every store implements, and its parameter and result types.
 *
 * <p>A store knows no rule of a job's life cycle. It turns decisions into commits.
 */
@NullMarked
package dev.milepost.server.store;

import org.jspecify.annotations.NullMarked;
