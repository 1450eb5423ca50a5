/**
 * What stores share that write to an engine of their own, whatever it is: the queue of updates, the
 * loop of the writer, retries of lost races, the order in which listeners are notified, and the
 * engine's clock. It names no engine.
 */
@NullMarked
package dev.milepost.server.store.engine;

import org.jspecify.annotations.NullMarked;
