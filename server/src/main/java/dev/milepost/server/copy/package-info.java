/** Copies jobs from a store or server to another store. */
@NullMarked
package dev.milepost.server.copy;

import org.jspecify.annotations.NullMarked;
