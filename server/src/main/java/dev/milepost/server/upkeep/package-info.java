/** Timers: expired leases, due retries, timeouts, expiry, and work on the child jobs of parents. */
@NullMarked
package dev.milepost.server.upkeep;

import org.jspecify.annotations.NullMarked;
