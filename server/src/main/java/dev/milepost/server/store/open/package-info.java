/** Opens the store that a URL names, whatever its engine. */
@NullMarked
package dev.milepost.server.store.open;

import org.jspecify.annotations.NullMarked;
