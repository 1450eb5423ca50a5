/**
 * The rules of a job's life: which commands are allowed, and what they lead to.
 *
 * <p>Everything here is pure: no I/O, no clock. Time, tokens and settings are parameters.
 */
@NullMarked
package dev.milepost.server.job;

import org.jspecify.annotations.NullMarked;
