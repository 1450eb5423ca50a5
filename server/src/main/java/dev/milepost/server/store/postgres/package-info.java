/** The store that keeps jobs in PostgreSQL: durable, for any number of servers. */
@NullMarked
package dev.milepost.server.store.postgres;

import org.jspecify.annotations.NullMarked;
