/** The store that keeps jobs in Redis, for any number of servers. */
@NullMarked
package dev.milepost.server.store.redis;

import org.jspecify.annotations.NullMarked;
