/** Moves jobs from one store to another, whatever the two are. */
@NullMarked
package dev.milepost.server.copy;

import org.jspecify.annotations.NullMarked;
