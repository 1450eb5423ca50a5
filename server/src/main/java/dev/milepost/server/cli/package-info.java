/**
 * The commands of the server program beside serving: {@code backup}, {@code copy}, {@code erase},
 * {@code restore}, {@code token} and {@code verify}.
 */
@NullMarked
package dev.milepost.server.cli;

import org.jspecify.annotations.NullMarked;
