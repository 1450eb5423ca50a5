/**
 * Keeping jobs: the interface that every store implements, and the words it is spoken to in.
 *
 * <p>A store knows no rule of a job's life. It turns decisions into commits.
 */
@NullMarked
package dev.milepost.server.store;

import org.jspecify.annotations.NullMarked;
