/**
 * Bounds of what connections and calls take: how many there are, and how many bytes of them are in
 * flight.
 */
@NullMarked
package dev.milepost.server.transport;

import org.jspecify.annotations.NullMarked;
