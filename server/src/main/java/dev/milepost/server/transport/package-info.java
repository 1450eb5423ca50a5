/**
 * Bounds of what connections and calls take: how many there are, and how many bytes of them are in
 * flight. Also what carries calls: the event loops, and the way to the services for clients of
 * other protocols.
 */
@NullMarked
package dev.milepost.server.transport;

import org.jspecify.annotations.NullMarked;
