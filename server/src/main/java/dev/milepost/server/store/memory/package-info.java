/** The store that keeps jobs in memory, for development and tests. */
@NullMarked
package dev.milepost.server.store.memory;

import org.jspecify.annotations.NullMarked;
