/**
 * What happens by itself: leases that end, retries whose wait is over, time-outs, expiry, webhooks.
 */
@NullMarked
package dev.milepost.server.upkeep;

import org.jspecify.annotations.NullMarked;
