/** The store that keeps jobs in one SQLite file: durable, for one server. */
@NullMarked
package dev.milepost.server.store.sqlite;

import org.jspecify.annotations.NullMarked;
