/** Moves jobs from one store, or one server, to another store, whatever the two are. */
@NullMarked
package dev.milepost.server.copy;

import org.jspecify.annotations.NullMarked;
