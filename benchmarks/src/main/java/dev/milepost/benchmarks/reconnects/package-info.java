/** How the watchers of a server come back after it has been restarted. */
@NullMarked
package dev.milepost.benchmarks.reconnects;

import org.jspecify.annotations.NullMarked;
