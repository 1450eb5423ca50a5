/**
 * Following jobs live.
 *
 * <p>A watcher is a cursor, not a queue: it remembers a position and reads on when its stream is
 * ready.
 */
@NullMarked
package dev.milepost.server.watch;

import org.jspecify.annotations.NullMarked;
