/**
 * The rules: what may happen to a job and what follows from it.
 *
 * <p>Everything here is pure. It does no I/O and reads no clock; time, tokens and settings are
 * handed in.
 */
@NullMarked
package dev.milepost.server.job;

import org.jspecify.annotations.NullMarked;
