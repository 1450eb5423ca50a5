/** Keeps jobs in Redis, for as many servers as share it. */
@NullMarked
package dev.milepost.server.store.redis;

import org.jspecify.annotations.NullMarked;
