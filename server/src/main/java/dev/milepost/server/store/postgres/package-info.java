/** Keeping jobs in PostgreSQL: durable, for many servers. */
@NullMarked
package dev.milepost.server.store.postgres;

import org.jspecify.annotations.NullMarked;
